"""Reports without their pictures, for tests that read the words alone."""

from __future__ import annotations

from typing import Any

import pytest

from backwalk_stats.report.document import document


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the drawing of pictures, which costs most of a report's time."""

    def named(figure: Any, *frames: Any, name: str, caption: str, **told: Any) -> Any:
        return document.FigureBlock(name=name, svg=b"", png=b"", caption=caption, alt="")

    monkeypatch.setattr("backwalk_stats.report.document.drawing.picture", named)
