"""Missing values in arrays: drawn or replaced by rule, and completed analyses pooled."""
