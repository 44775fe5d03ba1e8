"""Ways in: a file becomes a table, or a list of everything that is wrong with it."""
