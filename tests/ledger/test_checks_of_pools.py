"""Checks of pools: I2, Q, the number of studies and the p of heterogeneity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from backwalk_stats.trial.result import Reproduction
from tests.ledger.findings import between, ledger_of, one, rows

# R's metafor on its data dat.bcg (13 trials): Q(12) = 152.2330; I2 = 92.12 % by DerSimonian and
# Laird (and by Q), 92.22 % by REML.
BCG = {"q": "152.23", "k": "13", "p_role": "heterogeneity", "p_value_as_printed": "<0.0001"}
DL = "meta-analysis, random effects (DerSimonian-Laird)"


def verdict(quantity: str, method: str = DL, **printed: str) -> str:
    row = between(contrast_type="pooled log risk ratio", method=method, **printed)
    found = rows(ledger_of(contrasts=[row]), quantity=quantity)
    return str(one(found)["verdict"]) if len(found) else ""


@pytest.mark.parametrize(
    ("i2", "method", "expected"),
    [
        ("92.12", DL, "reproduced"),
        ("92", DL, "reproduced"),
        ("92.22", DL, "not_reproduced"),
        ("92.22", "random effects, REML (metafor)", "not_derivable"),
        ("92.22", "random effects", "not_derivable"),
        ("92.12", "random effects", "reproduced"),
    ],
)
def test_i2_of_q(i2: str, method: str, expected: str) -> None:
    assert verdict("i2", method, i2=i2, **BCG) == expected


def test_p_of_q_needs_no_estimator() -> None:
    # R: pchisq(9.49, 4, lower.tail = FALSE) = 0.04995.
    printed = {"q": "9.49", "k": "5", "p_role": "heterogeneity"}
    for method in (DL, "random effects, REML", "random effects"):
        assert verdict("p_value", method, p_value_as_printed="0.050", **printed) == "reproduced"
        assert verdict("p_value", method, p_value_as_printed="0.21", **printed) == "not_reproduced"


def test_the_number_that_fits_neither_of_the_others_is_blamed() -> None:
    # Q 13.09 of 5 studies: I2 = 69.4 %, p = 0.0108.
    right = {"q": "13.09", "k": "5", "i2": "69", "p_value_as_printed": "0.011"}
    for column, wrong, quantity in (
        ("q", "31.09", "q"),
        ("i2", "21", "i2"),
        ("p_value_as_printed", "0.32", "p_value"),
    ):
        printed = {**right, column: wrong, "p_role": "heterogeneity"}
        found = {name: verdict(name, **printed) for name in ("q", "i2", "p_value")}
        assert {n for n, said in found.items() if said == "not_reproduced"} == {quantity}, found


def test_the_p_of_the_effect_is_not_that_of_heterogeneity() -> None:
    printed = {"i2": "79", "k": "4", "p_value_as_printed": "0.5"}
    row = between(contrast_type="pooled MD", method=DL, **printed)
    found = one(ledger_of(contrasts=[row]), quantity="p_value")
    assert found["check"] != "heterogeneity"


@pytest.mark.parametrize(
    ("outcome", "expected", "words"),
    # The record's own known answers: k is not printed for an outcome.
    [
        ("second KAM", "reproduced", "k = 2, the only number of studies that fits"),
        ("first KAM", "compatible", "k = 3 to"),
        ("pain", "compatible", "k = 3 to"),
        ("function", "compatible", "k = 2 to 7"),
    ],
)
def test_k_is_searched_for(shipped: Reproduction, outcome: str, expected: str, words: str) -> None:
    castro = rows(shipped.ledger, study_id="castro2025", outcome=outcome, quantity="p_value")
    found = one(castro, check="heterogeneity")
    assert found["verdict"] == expected
    assert words in found["reason"]


def test_no_number_of_studies_may_fit() -> None:
    # I2 of 0 % leaves p at 0.317 or more: R: pchisq(1, 1, lower.tail = FALSE).
    printed = {"i2": "0", "p_value_as_printed": "0.02", "p_role": "heterogeneity"}
    assert verdict("p_value", DL, **printed) == "not_reproduced"
    assert verdict("p_value", "random effects", **printed) == "not_derivable"


def test_studies_in_words_may_hold_more_comparisons() -> None:
    def said(p: str) -> str:
        kind = "heterogeneity (I2=70%, 5 studies)"
        row = between(contrast_type=kind, method=DL, p_value_as_printed=f"{p} (printed beside I2)")
        return str(one(ledger_of(contrasts=[row]), quantity="p_value")["verdict"])

    # I2 = 70 %: Q = 13.3 of 5 comparisons (p 0.010), 16.7 of 6 (0.005); p = 0.40 of no number.
    assert [said(p) for p in ("0.010", "0.005", "0.40")] == [
        "reproduced", "compatible", "not_reproduced",
    ]  # fmt: skip


def pool(rng: np.random.Generator) -> dict[str, str]:
    """Return what an honest pool by DerSimonian and Laird prints."""
    k = int(rng.integers(2, 16))
    variance = rng.uniform(0.02, 0.3, k)
    effect = rng.normal(-0.5, np.sqrt(variance + rng.choice([0, 0.05, 0.3])))
    mean = np.average(effect, weights=1 / variance)
    q = float(((effect - mean) ** 2 / variance).sum())
    p = stats.chi2.sf(q, k - 1)
    i2 = 100 * max(0.0, (q - k + 1) / q)
    text = f"{p:.3f}" if p >= 0.001 else "<0.001"
    whole = {"q": f"{q:.2f}", "i2": f"{i2:.0f}", "p_value_as_printed": text, "k": str(k)}
    kept = [name for name in ("q", "k") if rng.random() < 0.7]
    return {name: whole[name] for name in ("i2", "p_value_as_printed", *kept)}


def test_honest_pools_raise_no_alarm_and_slips_are_seen() -> None:
    rng = np.random.default_rng(20261130)
    honest, slips = [pool(rng) for _ in range(60)], []
    for printed in honest:
        p = float(printed["p_value_as_printed"].lstrip("<"))
        slips.append({**printed, "p_value_as_printed": f"{p / 20 if p > 0.3 else p + 0.5:.3f}"})
    said = {"p_role": "heterogeneity", "contrast_type": "pooled MD", "method": DL}

    def failed(printed: list[dict[str, str]]) -> set[int]:
        contrasts = [
            between(**{**said, **one, "outcome": f"pain {i}"}) for i, one in enumerate(printed)
        ]
        found = ledger_of(contrasts=contrasts)
        wrong = found.loc[found["verdict"] == "not_reproduced", "outcome"]
        return {int(outcome.split()[1]) for outcome in wrong}

    assert failed(honest) == set()
    known = {i for i, one in enumerate(slips) if "k" in one}
    assert failed(slips) >= known
    assert len(known) > 30
