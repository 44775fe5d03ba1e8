"""A simulated trial as the files of a lab: invented people, for examples and tests."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
