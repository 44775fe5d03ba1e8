"""Display tables: the room where a number becomes text."""
