"""Sections of the report on movement: each writes one part of it from a motion study."""
