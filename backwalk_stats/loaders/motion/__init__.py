"""Ways in for motion: C3D, OpenSim and delimited files become recordings, or lists of faults."""
