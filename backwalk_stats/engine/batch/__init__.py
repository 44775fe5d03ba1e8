"""Thousands of mixed models of one design at once, in numpy or compiled."""
