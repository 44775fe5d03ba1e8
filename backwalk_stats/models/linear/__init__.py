"""Linear models of a frame by least squares."""
