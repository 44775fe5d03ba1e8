"""What yields an outcome: ranges, direction, scoring, thresholds; item codes, never wording."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
