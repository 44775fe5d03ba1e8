"""Verdicts on the claims of an article: kind of claim, findings, judgement, sentences."""
