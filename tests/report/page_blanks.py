"""How much of each page of a PDF is left blank, measured on the drawn page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

DPI, PAPER, MARGIN_MM = 30, 250, 15.0
MM = DPI / 25.4


def blank_shares(pdf: Path) -> list[float]:
    """Return, page by page, the share of the text area in its longest blank."""
    made = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", str(pdf)], capture_output=True, check=True
    )
    return [_blank(page) for page in _pages(made.stdout)]


def last_of_a_part(pdf: Path) -> set[int]:
    """Return the pages, counted from 0, after which another part begins or nothing."""
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True)
    pages = done.stdout.decode().split("\f")[:-1]
    starts = {place - 1 for place, words in enumerate(pages) if _begins_appendix(words)}
    return starts | {len(pages) - 1}


def too_blank(pdf: Path, most: float = 0.15) -> dict[int, float]:
    """Return the pages, counted from 1, of which more is blank before a page break."""
    ends = last_of_a_part(pdf)
    return {
        place + 1: round(share, 2)
        for place, share in enumerate(blank_shares(pdf))
        if share > most and place not in ends
    }


def _begins_appendix(words: str) -> bool:
    return "Appendix" in words.splitlines()[:6]


def _pages(stream: bytes) -> list[np.ndarray]:
    """Return the pages of a stream of PGM images, one after the other."""
    pages, at = [], 0
    while at < len(stream):
        fields: list[bytes] = []
        while len(fields) < 4:
            end = at
            while not stream[end : end + 1].isspace():
                end += 1
            fields.append(stream[at:end])
            at = end + 1
        wide, high = int(fields[1]), int(fields[2])
        flat = np.frombuffer(stream, dtype=np.uint8, count=wide * high, offset=at)
        pages.append(flat.reshape(high, wide))
        at += wide * high
    return pages


def _blank(page: np.ndarray) -> float:
    """Return the share of the text area in its longest blank, at the foot or over a picture there.

    A picture set at the foot of a page would hide what is blank above it; the head of a page is
    never blank.
    """
    top, bottom = round(MARGIN_MM * MM), page.shape[0] - round(MARGIN_MM * MM)
    inked = np.flatnonzero((page[top:bottom] < PAPER).any(axis=1))
    edges = np.array([0, *(inked + 1), bottom - top])
    return float(np.diff(edges).max() - 1) / (bottom - top)
