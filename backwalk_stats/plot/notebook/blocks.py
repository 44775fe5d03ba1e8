"""The pieces that every object's face in a notebook is built of: a head, tables, folded parts.

No script, no font, no colour of text: ink and ground are those of the notebook, light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_HAIR = "rgba(128,128,128,.35)"
STYLE = f"""<style>
.bw-face{{color:inherit;max-width:980px;font-size:14px;line-height:20px;font-variant-numeric:tabular-nums}}
.bw-face p{{margin:0 0 4px}}
.bw-face .bw-head{{font-size:15px}}
.bw-face .bw-second,.bw-face th.bw-top,.bw-face td span{{opacity:.75}}
.bw-face code{{font-size:13px;background:none;color:inherit}}
.bw-face .bw-two{{display:flex;flex-wrap:wrap;gap:8px 36px;align-items:flex-start;
border-top:1.5px solid currentColor;padding-top:8px;margin-top:8px}}
.bw-face table{{border-collapse:collapse;margin:0 0 12px;border:none;color:inherit;font-size:14px}}
.bw-face caption{{text-align:left;font-weight:600;padding:0 0 3px;color:inherit}}
.bw-face tr,.bw-face tr:nth-child(odd),.bw-face tr:nth-child(even){{background:none!important}}
.bw-face th,.bw-face td{{text-align:right;white-space:nowrap;padding:3px 0 3px 18px;border:none;
vertical-align:middle;max-width:none}}
.bw-face th{{font-weight:400}}
.bw-face th.bw-top{{font-size:12.5px;border-bottom:1px solid {_HAIR}}}
.bw-face th:first-child{{text-align:left;padding-left:0}}
.bw-face .bw-text{{text-align:left}}
.bw-face td.bw-wrap{{white-space:normal;text-align:left;max-width:38em}}
.bw-face tbody tr+tr th,.bw-face tbody tr+tr td{{border-top:1px solid {_HAIR}}}
.bw-face tr.bw-main th,.bw-face tr.bw-main td{{font-weight:600}}
.bw-face details{{border-top:1px solid {_HAIR};padding:4px 0}}
.bw-face summary{{cursor:pointer;opacity:.85}}
.bw-face svg{{display:block;max-width:100%;overflow:visible}}
</style>"""


def face(*parts: str) -> str:
    """Return parts as one output of a notebook, with its style."""
    return f"{STYLE}<div class='bw-face'>{''.join(parts)}</div>"


def head(title: str, code: str = "", rests_on: str = "") -> str:
    """Return the title of an object, its formula, and a line of what it rests on."""
    formula = f" <code>{escape(code)}</code>" if code else ""
    under = second(rests_on) if rests_on else ""
    return f"<p class='bw-head'><b>{escape(title)}</b>{formula}</p>{under}"


def second(text: str) -> str:
    """Return a sentence in lighter ink."""
    return f"<p class='bw-second'>{escape(text)}</p>"


def side_by_side(*parts: str) -> str:
    """Return parts beside each other, below each other where there is no room."""
    return f"<div class='bw-two'>{''.join(f'<div>{part}</div>' for part in parts if part)}</div>"


def folded(title: str, inside: str) -> str:
    """Return a part that opens at its title."""
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    main: int | None = None,
    pictures: int | None = None,
    texts: Sequence[int] = (),
    wrapped: Sequence[int] = (),
) -> str:
    """Return a table of text; the first column names the row.

    `main`: the row in bold, from 0. `pictures`: a column that holds SVG. `texts`: columns of words,
    which stand left. `wrapped`: columns of sentences, in several lines.
    """
    left = {*texts, *wrapped}
    kinds = {
        **dict.fromkeys(texts, " class='bw-text'"),
        **dict.fromkeys(wrapped, " class='bw-wrap'"),
    }
    top = "".join(
        f"<th class='bw-top{' bw-text' if place in left else ''}' scope='col'>{escape(name)}</th>"
        for place, name in enumerate(columns)
    )
    body = []
    for number, row in enumerate(rows):
        cells = [f"<th scope='row'>{escape(row[0])}</th>"]
        for place, text in enumerate(row[1:], start=1):
            kind = kinds.get(place, "")
            cells.append(f"<td{kind}>{text if place == pictures else escape(text)}</td>")
        kind = " class='bw-main'" if number == main else ""
        body.append(f"<tr{kind}>{''.join(cells)}</tr>")
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{said}<thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def items(texts: Iterable[str]) -> str:
    """Return sentences as a list."""
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{lines}</ul>" if lines else ""
