"""Pictures of trials, fits and records on any axes: in the reader's theme, or in the reports'."""

from backwalk_stats.registry import load_names_when_used

load_names_when_used(__name__)
