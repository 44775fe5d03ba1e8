"""The locked plan of a trial: its canonical form, the lock file, and what differs from it."""
