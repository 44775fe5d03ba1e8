"""Mixed models of arrays: structures, likelihood, search, degrees of freedom, robust errors."""
