"""What yields an outcome: ranges, direction, scoring, thresholds; item codes, never wording."""
