"""Rank tests of arrays with exact distributions, ties included, and the shifts beside them."""
