"""Values that could be in another unit than the declared one: asked for, never converted."""

from __future__ import annotations

import numpy as np

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

FEWEST = 8  # values; with fewer the middle says little
PER_SITE = 5
TENFOLD = (6.0, 16.0)


def check(view: TrialView, findings: Findings) -> None:
    """Refuse columns whose middle, or whose sites, suggest another unit, unless confirmed."""
    for one in view.measured:
        values = view.values(one.outcome.name)
        if len(values) >= FEWEST and "unit" not in one.table.confirmed:
            _check_middle(one, values, findings)
            _check_tenth(one, values, findings)
        if "site" not in one.table.confirmed:
            _check_sites(view, one, findings)


def _check_middle(one: Measured, values: np.ndarray, findings: Findings) -> None:
    """Minutes for seconds, radians for degrees, mm for cm: where instruments have usual values."""
    if one.scale is None or one.scale.usual is None:
        return
    low, high = one.scale.usual
    if not low <= np.median(values) <= high:
        expected = f"a median between {low:g} and {high:g} {one.outcome.unit}"
        _ask(one, findings, expected, "another one")


def _check_tenth(one: Measured, values: np.ndarray, findings: Findings) -> None:
    """Centimetres on a scale of millimetres: 0 to 100 with nothing above 10."""
    low, high = one.outcome.low, one.outcome.high
    if low == 0 and high is not None and high >= 100 and 0 < values.max() <= high / 10:
        found = f"none above a tenth of it ({high / 10:g})"
        _ask(one, findings, f"values on the whole scale up to {high:g}", found)


def _check_sites(view: TrialView, one: Measured, findings: Findings) -> None:
    """Ask where a site writes mm and the others cm: its median is ten times theirs."""
    sites = view.sites
    if sites is None:
        return
    cells = view.of(one.outcome.name)
    cells = cells[cells["value"].notna()]
    by_site = cells.groupby(cells["participant"].map(sites).astype("object"))["value"]
    medians = by_site.median()[by_site.size() >= PER_SITE]
    if len(medians) < 2 or medians.min() <= 0:
        return
    if TENFOLD[0] <= medians.max() / medians.min() <= TENFOLD[1]:
        found = "sites whose medians differ about tenfold"
        _ask(one, findings, "sites whose medians are alike", found, answer="site")


def _ask(
    one: Measured, findings: Findings, expected: str, found: str, *, answer: str = "unit"
) -> None:
    unit = f" ({one.outcome.unit})" if one.outcome.unit else ""
    action = f'Is the unit right{unit}? If so, write confirmed = ["{answer}"] under the outcome'
    expected = f"{one.outcome.name}: {expected}"
    findings.add(f"{one.key}.unit", expected, found, action)
