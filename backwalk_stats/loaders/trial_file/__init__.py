"""The trial file: TOML to typed tables, what they say against each other, and the plan."""
