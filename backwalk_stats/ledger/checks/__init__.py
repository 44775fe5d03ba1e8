"""One check a file: its formula, its reference, and what it says of a printed number."""
