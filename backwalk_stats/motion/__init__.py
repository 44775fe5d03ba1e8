"""Movement: files, events, cycles, coordination and whole-curve tests, on arrays."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
