"""What a report on a simulated power says: one file a section, in the order of `ORDER`."""
