"""Arms compared on one row a participant: ANCOVA, change, responders, ranks, crossover."""
