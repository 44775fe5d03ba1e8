"""Before and around a trial: what a plan would find, its lock, a dry run, where it stands."""
