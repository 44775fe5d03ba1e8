"""`backwalk plan`: power, lock, dry run and status of a plan; one file a command."""
