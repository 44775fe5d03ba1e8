"""Which instrument a column's name and values fit; letters that name two things name neither."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.loaders.draft.scale_matching import matched, misfit


def found(stem, values):
    match = matched(stem, np.array(values))
    return None if match is None else (match.instrument, match.version, match.subscale)


@pytest.mark.parametrize(
    ("stem", "values", "expected"),
    [
        ("BBS", [21, 40, 56], ("bbs", "", "")),
        ("berg_balance", [21, 40, 56], ("bbs", "", "")),
        ("mini_bestest", [12, 20, 27], ("mini-bestest", "28", "score")),
        ("minibest", [12, 20, 31], ("mini-bestest", "32", "")),
        ("FES_I", [18, 30, 60], ("fes-i", "16", "")),
        ("fes_i", [8, 12, 28], ("fes-i", "7", "")),
        # Values that both forms have: the spelling tells which.
        ("short_fes_i", [16, 20, 28], ("fes-i", "7", "")),
        ("ABC scale", [40.625, 80, 95], ("abc", "", "")),
        ("fma_le", [10, 22, 34], ("fma-le", "", "score")),
        ("fga", [10, 22, 30], ("fga", "", "")),
        ("2mwt", [60, 110, 150], ("2mwt", "", "")),
        ("sppb", [4, 9, 12], ("sppb", "", "score")),
        ("sppb_gait", [1, 3, 4], ("sppb", "", "gait")),
        ("fabq_work", [4, 20, 42], ("fabq", "", "work")),
        ("pain_catastrophizing", [4, 20, 52], ("pain-catastrophizing", "", "score")),
        ("groc", [-2, 3, 7], ("groc", "15", "")),
        ("eq_vas", [40, 70, 100], ("eq-5d-5l", "", "vas")),
        ("womac_va", [10, 30, 100], None),
    ],
)
def test_names_and_values(stem, values, expected):
    assert found(stem, values) == expected


def test_pcs_is_two_things_and_neither_is_taken():
    for values in ([4, 20, 52], [31.2, 44.9, 52.3]):
        assert found("pcs", values) is None
    assert misfit("pcs") == ("", "")


def test_what_is_out_of_range_is_not_proposed_and_its_direction_is():
    assert found("bbs", [21, 40, 57]) is None and misfit("bbs") == ("bbs", "higher")
    assert found("fabq_pa", [4, 20, 25]) is None and misfit("fabq_pa") == ("fabq", "lower")
