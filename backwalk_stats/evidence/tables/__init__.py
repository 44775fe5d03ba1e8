"""The tables of a published record, one file each: their columns and what must hold in a row."""
