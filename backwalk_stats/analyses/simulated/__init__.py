"""A simulated trial as the files of a lab: invented people, for examples and tests."""
