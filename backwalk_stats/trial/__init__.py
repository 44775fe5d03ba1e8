"""Plain frozen records and the columns of the tables; no files, no models."""
