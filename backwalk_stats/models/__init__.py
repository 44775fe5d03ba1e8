"""A formula and a frame become design arrays, the engine fits them, and a tidy fit comes back."""
