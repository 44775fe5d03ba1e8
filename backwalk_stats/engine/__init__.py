"""Numbers: arrays in, arrays out. It knows no clinical word and no table."""
