"""A part of an outcome that is in another unit than the rest: a visit, a rater, a block of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured
from backwalk_stats.loaders.trial_file.units import conversion, known_units
from backwalk_stats.trial.study import Study

FEWEST = 8  # values of a visit, or in the rest of a column
PART = 5  # values of a group or of a block of rows
MOST_LEVELS = 30
APART = 4.0  # times: a tenfold unit after an improvement by half is fivefold
SPREAD = 2.5  # times wider than the rest, on the logarithmic scale: a floor, not a unit
SAME_FOR_ALL = np.log(1.9)  # a factor that everybody changes by,
TIGHT = 0.15  # within this robust SD of its logarithm
CHANCE = 1e-5
SORTED = 0.7
NOT_GROUPS = ("participant", "arm", "arm_received", "per_protocol", "sequence")
Floats = NDArray[np.float64]
FACTORS = (1 / 100, 1 / 60, 1 / 25.4, 1 / 10, 10, 25.4, 60, 100)


def check(view: TrialView, findings: Findings) -> None:
    """Ask where values of a visit, a group of people or a block of rows are many times the others.

    All of the smaller values are then below three quarters of the larger ones, none heaped up at
    zero, and alike in their relative spread: effects and floors are not. Not where `confirmed` has
    "unit", nor of visits whose unit the trial file declares.
    """
    for one in view.measured:
        if "unit" in one.table.confirmed or one.table.items:
            continue
        cells = view.of(one.outcome.name)
        cells = cells[cells["value"].notna()]
        if cells.empty or float(cells["value"].min()) < 0.0:
            continue
        shown = view.shown_as("percent", cells)
        if shown.any() and not shown.all():
            continue  # that is what to ask about
        if not _ask_visits(view, one, findings):
            _ask_groups(view, one, cells, findings)
            _ask_blocks(view.study, one, cells, findings)


# Visits: against the visit that most others are like, and each person against themselves.


def _ask_visits(view: TrialView, one: Measured, findings: Findings) -> bool:
    """Ask of visits that are many times the first, or others; return whether anything was asked."""
    wide = view.wide[one.outcome.name]
    columns = {str(name): wide[name].to_numpy(dtype=float) for name in wide.columns}
    enough = [name for name in columns if np.sum(~np.isnan(columns[name])) >= FEWEST]
    if len(enough) < 2:
        return False
    medians = {name: float(np.nanmedian(columns[name])) for name in enough}
    middle = sorted(enough, key=lambda name: medians[name])[(len(enough) - 1) // 2]
    reference = middle if len(enough) > 2 else enough[0]
    told: dict[float, list[str]] = {}
    for name in enough:
        if name == reference or name in one.conversions:
            continue
        times = _times(columns[reference], columns[name], one) or _for_everybody(
            columns[reference], columns[name]
        )
        if times is not None:
            told.setdefault(_near(times), []).append(name)
    for about, visits in told.items():
        action = (
            f"{one.outcome.name}: values at {_listed(visits)} are about {_size(about)} those at "
            f"{reference}. {_remedy(one, about, visits, reference)}"
        )
        findings.ask(one.key, action, sum(int(np.sum(~np.isnan(columns[v]))) for v in visits))
    return bool(told)


def _for_everybody(before: Floats, after: Floats) -> float | None:
    """Return the factor by which everybody changes alike, None where they do not."""
    both = (before > 0) & (after > 0)
    if both.sum() < FEWEST:
        return None
    ratio = np.log(after[both] / before[both])
    middle = float(np.median(ratio))
    spread = 1.4826 * float(np.median(np.abs(ratio - middle)))
    return float(np.exp(middle)) if abs(middle) > SAME_FOR_ALL and spread < TIGHT else None


# Groups of people: who measured them, or where.


def _ask_groups(view: TrialView, one: Measured, cells: pd.DataFrame, findings: Findings) -> None:
    people = view.participants.set_index("participant")
    values = cells["value"].to_numpy(dtype=float)
    for name in map(str, people.columns):
        if name in NOT_GROUPS or is_site(name):  # sites are asked about with all units
            continue
        levels = cells["participant"].map(people[name].astype("object"))
        if not 2 <= levels.nunique() <= MOST_LEVELS:
            continue
        both = levels.nunique() == 2 and levels.notna().all()
        for level in levels.dropna().unique():
            own = (levels == level).to_numpy()
            if own.sum() < PART or own.sum() > (~own).sum():
                continue
            times = _times(values[~own], values[own], one)
            if times is not None:
                said = f"{level:g}" if isinstance(level, float) else str(level)
                about = _near(times)
                action = (
                    f"{one.outcome.name}: values where {name} is {said} are about {_size(about)} "
                    f"the others. {_remedy(one, about)}"
                )
                findings.ask(one.key, action, int(own.sum()))
                if both:  # the other level would say the same
                    break


# Blocks of rows: entered by someone else, or pasted from elsewhere.


def _ask_blocks(study: Study, one: Measured, cells: pd.DataFrame, findings: Findings) -> None:
    for file, own in cells.groupby("file", sort=False):
        blocks: dict[str, tuple[int, int, float]] = {}
        columns: dict[str, str] = {}
        for visit, rows in own.groupby("visit", sort=False):
            ordered = rows.sort_values("line", kind="stable")
            found = block(ordered["value"].to_numpy(dtype=float), high=one.outcome.high)
            if found is None:
                continue
            first, last = (int(ordered["line"].iloc[place]) for place in found[:2])
            blocks[str(visit)] = (first, last, found[2])
            columns[str(visit)] = str(ordered["column"].iloc[0])
        for (first, last, about), visits in _joined(blocks):
            between = own["line"].between(first, last)
            n = int(own.loc[between & own["visit"].isin(visits), "line"].nunique())
            action = (
                f"{one.outcome.name} at {_listed(visits)}: values in lines {first} to {last} are "
                f"about {_size(about)} the others. {_remedy(one, about)}"
            )
            findings.ask(columns[visits[0]], action, n, file=str(file))


def _joined(
    blocks: dict[str, tuple[int, int, float]],
) -> Iterator[tuple[tuple[int, int, float], list[str]]]:
    """Yield blocks with the visits that have them: those that overlap are one, from end to end."""
    left = dict(blocks)
    while left:
        visits = [next(iter(left))]
        first, last, about = left.pop(visits[0])
        for visit, (start, end, times) in list(left.items()):
            if start <= last and end >= first and times == about:
                first, last = min(first, start), max(last, end)
                visits.append(visit)
                del left[visit]
        yield (first, last, about), visits


def block(values: Floats, *, high: float | None = None) -> tuple[int, int, float] | None:
    """Return first and last place of a run of values in another unit, and about how many times.

    None where there is none, also where values are sorted.

    >>> import numpy as np
    >>> values = np.array([52.0, 71, 48, 66, 59, 80, 45, 62, 77, 51, 68, 49])
    >>> block(np.r_[values, values[:6] / 10, values])
    (12, 17, 0.1)
    >>> block(np.sort(np.r_[values, values / 10])) is None
    True
    """
    if len(values) < PART + FEWEST:
        return None
    middle = float(np.median(values))
    scaled = high is not None and high >= 50
    small = values <= (high / 10 if scaled and high is not None else middle / 3)
    for marked in (small,) if scaled else (small, values >= 3 * middle):
        start, end = _longest(marked)
        length = end - start
        if length < PART or length > len(values) - length:
            continue
        inside = np.zeros(len(values), dtype=bool)
        inside[start:end] = True
        rest = values[~inside]
        share = (marked[~inside].sum() + 1) / (len(rest) + 2)
        if len(rest) < FEWEST or len(values) * share**length > CHANCE or _is_sorted(rest):
            continue
        times = _many_times(rest, values[inside])
        if times is not None:
            return start, end - 1, _near(times)
    return None


def _longest(marked: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the longest run begins and where the next value after it stands."""
    edges = np.flatnonzero(np.diff(np.r_[False, marked, False].astype(int)))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return 0, 0
    start, end = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    return int(start), int(end)


def _is_sorted(values: Floats) -> bool:
    ranks = pd.Series(values).rank().to_numpy()
    if ranks.std() == 0:
        return True
    return bool(abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) > SORTED)


# How many times, and in words.


def _times(reference: Floats, other: Floats, one: Measured) -> float | None:
    """Return how many times the reference others are, None where they could be of one unit."""
    reference, other = (values[~np.isnan(values)] for values in (reference, other))
    times = _many_times(reference, other)
    high = one.outcome.high
    if times is None or high is None:
        return times
    # On a scale whose end is known the smaller ones do not pass a tenth of it.
    smaller = other if times < 1 else reference
    return times if smaller.max() <= high / 10 else None


def _many_times(reference: Floats, other: Floats) -> float | None:
    medians = float(np.median(reference)), float(np.median(other))
    if min(medians) <= 0:
        return None
    times = medians[1] / medians[0]
    small, large = (other, reference) if times < 1 else (reference, other)
    if max(times, 1 / times) < APART or small.max() > np.quantile(large, 0.25):
        return None
    if np.quantile(small, 0.1) <= 0 or _width(small) > SPREAD * max(_width(large), np.log(1.2)):
        return None
    return times


def _width(values: Floats) -> float:
    """Return the distance of the quartiles of positive values on the logarithmic scale."""
    quartiles = np.quantile(values[values > 0], [0.25, 0.75])
    return float(np.log(quartiles[1] / quartiles[0]))


def _near(times: float) -> float:
    """Return the factor of two units that is nearest, or the factor itself if it is small.

    >>> _near(0.12), _near(130.0), _near(2.19)
    (0.1, 100, 2.2)
    """
    if max(times, 1 / times) < 3.9:
        return float(f"{times:.2g}")
    return min(FACTORS, key=lambda factor: abs(float(np.log(times / factor))))


def _size(about: float) -> str:
    """Return a factor in words.

    >>> _size(10), _size(0.1), _size(2.2)
    ('10 times', 'a tenth of', '2.2 times')
    """
    words = {1 / 10: "a tenth of", 1 / 100: "a hundredth of", 1 / 60: "a sixtieth of"}
    return words.get(about, f"{about:.2g} times")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _remedy(one: Measured, about: float, visits: Sequence[str] = (), reference: str = "") -> str:
    """Return what to write or do: units by visit can be declared, other parts are converted."""
    unit = one.outcome.unit
    given = _unit_of(unit, about)
    other = _unit_of(unit, 1 / about)
    guess = f" ({given} for {unit}?)" if given else ""
    confirm = 'if all are in one unit, confirmed = ["unit"] under the outcome'
    if not visits:
        return f"Another unit{guess}? If so, convert them in the file; {confirm}"
    told = "..."
    if given:
        told = ", ".join(f'{visit} = "{given}"' for visit in visits)
    elif other:
        guess, told = f" ({other} at {reference}?)", f'{reference} = "{other}"'
    return f"Another unit{guess}? If so, units = {{ {told} }} under the outcome; {confirm}"


def _unit_of(unit: str, about: float) -> str:
    """Return the unit whose numbers are about so many times those of the outcome's own, or ""."""
    for name in known_units(unit, scaled=False)[1:] if unit else ():
        turned = conversion(name, unit)
        if turned is not None and abs(np.log(turned[0] * about)) < np.log(1.3):
            return name
    return ""
