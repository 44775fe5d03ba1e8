"""Arms compared on outcomes that are not means: risks, rates, ordered categories."""
