"""Outcomes that are yes or no, counts, or ordered categories: risks, rates, cumulative odds."""
