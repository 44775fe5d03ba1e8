"""Sections of the report on a trial: each reads what may be shown, and computes nothing."""
