"""Movement curves: events, cycles, coordination and whole-curve tests, on arrays."""
