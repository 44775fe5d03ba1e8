"""One paper in hand: the statistics in its text and the cells of its tables, recomputed."""
