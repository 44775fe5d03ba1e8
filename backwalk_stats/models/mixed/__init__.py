"""Mixed models of a frame: repeated measures, constrained baselines, random effects."""
