"""Display tables: the room where a number becomes text."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
