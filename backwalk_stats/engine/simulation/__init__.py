"""Trials that have not been held: drawn from a declared truth, and analysed as they would be."""
