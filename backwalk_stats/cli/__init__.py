"""The command `backwalk`: reads arguments, calls, and says what happened."""
