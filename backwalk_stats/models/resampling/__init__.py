"""Bootstrap and permutation, of fitted models and of the means of two arms."""
