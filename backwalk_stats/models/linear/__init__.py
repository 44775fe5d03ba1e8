"""Linear and marginal models of a frame by formula: least squares, estimating equations."""
