"""Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence


def cell(text: str) -> str:
    """Return a text that a cell of a Markdown table can hold."""
    return text.replace("|", r"\|")


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
