"""The plan of a trial before and until its arms are known: what is run, locked and reviewed."""
