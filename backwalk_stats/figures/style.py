"""The look that all figures share: type, colours, line weights, and how wide a page is."""

from __future__ import annotations

from typing import Any

BLUE = "#0072B2"
VERMILLION = "#D55E00"
INK = "#1A1A1A"
GREY = "#5F5F5F"
MID = "#9A9A9A"
PALE = "#D9D9D9"
FAINT = "#F2F2F2"
PALE_BLUE = "#CFE3F0"

WIDTH_MM = 170.0
MM_PER_INCH = 25.4
POINT_MM = MM_PER_INCH / 72
FONT = "DejaVu Sans"
BODY_PT = 8.0
SMALL_PT = 7.5
HEAD_PT = 8.5

RC: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": BODY_PT,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": HEAD_PT,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": FONT,
    "font.size": BODY_PT,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "text.hinting": "no_hinting",  # else widths depend on the dots per inch
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": INK,
    "xtick.labelsize": SMALL_PT,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.color": INK,
    "ytick.labelsize": SMALL_PT,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}
