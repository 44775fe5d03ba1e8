"""Recordings to features and curves, and whole curves compared between and within arms."""
