"""Honest designs: each family is a file, each design a function that writes one paper."""
