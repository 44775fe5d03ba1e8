"""Turns the rows of the contrast table into what checks look at, inputs found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from backwalk_stats.ledger.case import Cell, Contrast, Study
from backwalk_stats.ledger.kinds import kind_of
from backwalk_stats.ledger.links import Link, link, link_named, link_within, outcome_labels
from backwalk_stats.ledger.vocabulary import is_merged_arm, walks_backward, walks_forward

_COLUMNS = {
    "estimate": "estimate",
    "ci_low": "conf_low",
    "ci_high": "conf_high",
    "statistic": "statistic",
    "df": "df",
    "p_value_as_printed": "p_value",
}


def contrasts_of(
    row: Mapping[str, str],
    *,
    study: Study,
    cells: Sequence[Cell],
    recovered: Sequence[tuple[Cell, ...]] = (),
) -> Iterator[Contrast]:
    """Yield one contrast per outcome that a row of the contrast table names.

    Parameters
    ----------
    row : mapping
        A row of the contrast table.
    study : Study
        Its study.
    cells : sequence of Cell
        The study's outcome rows.
    recovered : sequence of tuple of Cell
        Alternative sets of arms recovered from merged ones; used where the printed rows hold no
        pair that fits.
    """
    arms = f"{row['arm_a']} {row['arm_b']}"
    about = f"{row['contrast_type']}"
    for label in outcome_labels(row["outcome"], cells):
        contrast = _bare(row, study=study, label=label)
        if row.get("inputs", "").strip():
            yield _with_links(contrast, [link_named(inputs=row["inputs"], cells=cells)])
            continue
        if contrast.kind == "within":
            yield _with_links(contrast, [link_within(label=label, arms=arms, cells=cells)])
            continue
        if contrast.kind == "anova":
            yield _with_links(contrast, _all_arms(label, cells, recovered, row))
            continue
        found = [_link(label, about, row, cells)]
        if recovered and not is_merged_arm(arms) and not _usable(found[0]):
            again = [_link(label, about, row, [*cells, *extra]) for extra in recovered]
            found = [one for one in again if _usable(one)] or found
        yield _with_links(contrast, found)


def _bare(row: Mapping[str, str], *, study: Study, label: str) -> Contrast:
    printed = {name: row[column].strip() for column, name in _COLUMNS.items()}
    return Contrast(
        study=study,
        outcome=label,
        arm_a=row["arm_a"],
        arm_b=row["arm_b"],
        kind=kind_of(row["contrast_type"], row["method"], row["arm_a"], row["arm_b"]),
        contrast_type=row["contrast_type"],
        method=row["method"],
        printed={name: text for name, text in printed.items() if text not in ("", "-")},
        source=row["source_location"],
        line=int(row["line"]),
    )


def _link(label: str, about: str, row: Mapping[str, str], cells: Sequence[Cell]) -> Link:
    return link(
        label=label,
        about=about,
        arm_a=row["arm_a"],
        arm_b=row["arm_b"],
        source=row["source_location"],
        cells=cells,
    )


def _usable(found: Link) -> bool:
    """Tell whether a link leads to numbers that a test can be made of."""
    pairs = ((found.first, found.second), (found.change_first, found.change_second))
    return any(a is not None and b is not None and _counts(a, b) for a, b in pairs)


def _counts(a: Cell, b: Cell) -> bool:
    return all(cell.has_spread or (cell.unit == "events" and cell.n) for cell in (a, b))


def _with_links(contrast: Contrast, links: Sequence[Link]) -> Contrast:
    whole = [one for one in links if one.first is not None and one.second is not None]
    if not whole:
        return replace(contrast, missing=links[0].missing, has_rows=links[0].has_rows)
    lead = whole[0]
    return replace(
        contrast,
        has_rows=True,
        first=tuple(one.first for one in whole if one.first is not None),
        second=tuple(one.second for one in whole if one.second is not None),
        others=tuple(one.others for one in whole),
        before_first=lead.before_first,
        before_second=lead.before_second,
        change_first=lead.change_first,
        change_second=lead.change_second,
        remark=lead.remark,
        about_change=lead.about_change,
    )


def _all_arms(
    label: str, cells: Sequence[Cell], recovered: Sequence[tuple[Cell, ...]], row: Mapping[str, str]
) -> list[Link]:
    """Link a comparison of all arms: the first two stand first, the rest are the others."""
    links = []
    for extra in recovered or ((),):
        pool = [*[cell for cell in cells if not is_merged_arm(cell.arm)], *extra]
        arms = list(dict.fromkeys(cell.arm for cell in pool))
        pairs = [(a, b) for a in arms for b in arms if a != b]
        found = (_link(label, "", {**row, "arm_a": a, "arm_b": b}, pool) for a, b in pairs)
        links.append(next((one for one in found if _usable(one)), Link(missing=_NO_ARMS)))
    return links


_NO_ARMS = "no two arms with n, mean and SD are printed for this outcome"


def compares_directions(contrast: Contrast) -> bool:
    """Tell whether one side walks backward and the other forward."""
    backward, forward = walks_backward(contrast.arm_a), walks_forward(contrast.arm_b)
    turned = walks_backward(contrast.arm_b) and walks_forward(contrast.arm_a)
    return (backward and forward) or turned
