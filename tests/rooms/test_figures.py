"""What every figure promises: a function of the file's name, and words for who cannot see it."""

from __future__ import annotations

import inspect

import pytest

from backwalk_stats import figures
from backwalk_stats.registry import members

# The other files of the room (style, saving) draw nothing by themselves.
FIGURES = [module for module in members(figures) if hasattr(module, "alt_text")]
IDS = [module.__name__.rpartition(".")[2] for module in FIGURES]


@pytest.mark.parametrize("module", FIGURES, ids=IDS)
def test_figure_has_a_function_of_its_own_name(module):
    draw = getattr(module, module.__name__.rpartition(".")[2])
    assert inspect.signature(draw).return_annotation == "Figure"
    assert inspect.signature(module.alt_text).return_annotation == "str"
    positional = [
        parameter
        for parameter in inspect.signature(draw).parameters.values()
        if parameter.kind not in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    ]
    assert 1 <= len(positional) <= 2, "tidy frames in; everything else by keyword"
