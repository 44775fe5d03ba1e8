"""The gate of every door: columns checked and settled once, with what was decided in words."""
