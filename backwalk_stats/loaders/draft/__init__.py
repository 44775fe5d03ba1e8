"""A first draft of a trial file from a stranger's sheet: what seems so, why, and what to ask."""
