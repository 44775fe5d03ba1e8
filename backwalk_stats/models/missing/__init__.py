"""Imputation of a trial with missing visits: multiple, reference-based, to the tipping point."""
