"""Printed numbers of whole-number scores: which means and SDs can be, and which cannot."""
