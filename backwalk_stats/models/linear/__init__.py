"""Linear and penalised logistic models of a frame."""
