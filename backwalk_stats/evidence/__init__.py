"""The published record as data: what was printed, where, and nothing computed."""
