"""Models of whole curves beyond one difference: covariates, groups and slopes, and vectors."""
