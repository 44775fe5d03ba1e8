"""Running text of a Word file: words, strong words, links and verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docx.shared import RGBColor
from docx.text.paragraph import Paragraph

from backwalk_stats.report.docx_marks import add_link

_TONES = {
    "good": RGBColor(0x00, 0x5F, 0x93),
    "near": RGBColor(0x3D, 0x6F, 0x8F),
    "bad": RGBColor(0xA8, 0x3F, 0x00),
}


def add_inline(
    paragraph: Paragraph, parts: Iterable[dict[str, Any]], *, bold: bool = False
) -> None:
    """Add running text as `plain_document.as_data` gives it; `bold` sets plain text bold, too."""
    for part in parts:
        kind = part["kind"]
        if kind == "link" and part["target"]:
            add_link(paragraph, part["text"], part["target"])
        elif kind == "badge":
            run = paragraph.add_run(f"{part['mark']} {part['text']}")
            run.bold = True
            if part["tone"] in _TONES:
                run.font.color.rgb = _TONES[part["tone"]]
        else:
            run = paragraph.add_run(part["text"])
            run.bold = True if bold or kind == "strong" else None
