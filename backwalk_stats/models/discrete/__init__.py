"""Models for outcomes that are not means: risks, rates, ordered categories, repeated answers."""
