"""What is done with a plan before there are data: its power, simulated. Not the analysis itself."""
