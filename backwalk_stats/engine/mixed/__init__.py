"""Mixed models of arrays: covariance structures, likelihood, search, degrees of freedom, robust errors."""
