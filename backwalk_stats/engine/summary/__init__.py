"""What the summaries of a paper in hand imply: SDs, p-values, tests, effect sizes, power."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
