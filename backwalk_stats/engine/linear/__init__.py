"""Linear models of arrays: least squares, split plots, Firth, spline bases, and their tests."""
