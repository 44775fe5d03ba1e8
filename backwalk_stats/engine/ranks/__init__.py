"""Rank tests of arrays with their exact distributions, ties included, and the shifts that go with them."""
