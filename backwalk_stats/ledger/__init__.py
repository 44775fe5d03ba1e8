"""Published numbers, recomputed from what was printed beside them, with a verdict."""
