"""Everything that a run leaves behind, made in memory: names and bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any

from backwalk_stats.report.build import build, section_count
from backwalk_stats.report.document_files import WRITERS
from backwalk_stats.report.html import to_html
from backwalk_stats.report.pdf import to_pdf
from backwalk_stats.tables.csv import to_csv

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.report.document import Document
    from backwalk_stats.trial.reproduction import Reproduction

Progress = Callable[[int, int, str], None]


def folder_outputs(reproduction: Reproduction, progress: Progress) -> dict[str, bytes]:
    """Return every output of a run but its stamp, by its name inside the folder.

    `progress` is called with steps done, steps in all, and what comes now.
    """
    total = section_count() + WRITERS
    document = _document(reproduction, progress, total)
    progress(total - 3, total, "page")
    outputs = {"report.html": to_html(document).encode()}
    progress(total - 2, total, "PDF")
    outputs["report.pdf"] = to_pdf(document)
    for figure in document.figures():
        outputs[f"figures/{figure.name}.svg"] = figure.svg
        outputs[f"figures/{figure.name}.png"] = figure.png
    progress(total - 1, total, "tables")
    outputs["ledger.csv"] = to_csv(reproduction.ledger).encode()
    outputs["ledger.json"] = to_json(reproduction.ledger).encode()
    outputs["pooled.csv"] = to_csv(reproduction.pooled).encode()
    outputs["claims.csv"] = to_csv(reproduction.claims).encode()
    return outputs


def one_file(reproduction: Reproduction, ending: str, progress: Progress) -> bytes:
    """Return the report alone, as HTML or as PDF: ending ".html" or ".pdf"."""
    total = section_count() + 1
    document = _document(reproduction, progress, total)
    progress(total - 1, total, ending.lstrip("."))
    return to_pdf(document) if ending == ".pdf" else to_html(document).encode()


def to_json(frame: pd.DataFrame) -> str:
    """Return a frame as JSON: a list of rows, columns in their order.

    JSON knows neither NaN nor infinity: a number that is unknown or unbounded becomes null.

    Examples
    --------
    >>> import pandas as pd
    >>> print(to_json(pd.DataFrame({"a": ["x"], "b": [float("nan")]})), end="")
    [
     {
      "a": "x",
      "b": null
     }
    ]
    """
    rows = [
        {str(name): _json_value(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _json_value(value: Any) -> Any:  # noqa: ANN401
    """Return a cell as JSON can hold it."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


def _document(reproduction: Reproduction, progress: Progress, total: int) -> Document:
    """Return the document, telling how far it has come."""
    done = iter(range(total))
    return build(reproduction, lambda what: progress(next(done), total, what))
