"""What was read in one paper as the three evidence files, and what a person has to confirm."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backwalk_stats.evidence.schema import Schema
from backwalk_stats.evidence.tables import contrasts, outcomes, studies
from backwalk_stats.paper.check_table import questions
from backwalk_stats.paper.paper_files import Paper
from backwalk_stats.paper.printed_patterns import SCALES
from backwalk_stats.paper.table_columns import TableCell, TableRow, read_rows
from backwalk_stats.paper.table_grid import Grid

Row = dict[str, str]
QUESTIONS_FILE = "paper.toml"
_PART = re.compile(r"[.;|()\n]")
_TEST_WORDS = re.compile(
    r"\b(?:t[-\s]?tests?|student|welch|anova|ancova|mann[-\s]whitney|wilcoxon|chi[-\s]?squared?|"
    r"χ2|fisher|kruskal|mixed model|regression)\b",
    re.I,
)
# The value that a p speaks against, by the scale of its estimate.
_NULLS = {"ratio": "1", "difference": "0", "coefficient": "0", "auc": "0.5"}
_ROLES = ("effect", "heterogeneity", "interaction")
_NO_P = {"p_value_as_printed": "-"}
# A p is carried over when it was compared by what stands beside it alone. One that fits under a
# condition, or that nothing determines, would be held against numbers that need not be its own.
_CARRIED = ("reproduced", "not_reproduced", "inputs_inconsistent")
_EFFECT_TYPES = {
    "OR": "odds ratio", "HR": "hazard ratio", "RR": "risk ratio", "IRR": "rate ratio",
    "ROM": "ratio of means", "SMD": "SMD", "g": "SMD (Hedges g)", "d": "SMD (Cohen d)",
    "RD": "risk difference", "MD": "mean difference", "AUC": "auc", "ICC": "icc", "kappa": "kappa",
    "b": "regression coefficient", "beta": "standardised regression coefficient",
}  # fmt: skip


_SCALE_WORDS = {
    **{name: _EFFECT_TYPES[name] for name in ("OR", "HR", "RR", "IRR", "AUC", "b", "beta")},
    "MD": "difference", "RD": "difference", "SMD": "standardised difference",
    "g": "standardised difference", "d": "standardised difference",
    "ROM": "ratio of means", "ICC": "icc", "kappa": "kappa",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """The evidence files of one paper by name, as text."""

    files: dict[str, str]


def draft(
    paper: Paper, text_rows: Sequence[Mapping[str, object]], cells: Sequence[Mapping[str, object]]
) -> Draft:
    """Return the evidence files of a paper.

    Cells about which something is asked are left out of the files and stand in `paper.toml`.

    Parameters
    ----------
    paper : Paper
        As read.
    text_rows : sequence of mapping
        Rows of `check_text`.
    cells : sequence of mapping
        Rows of `check_table`.

    Returns
    -------
    Draft
        studies.csv, outcomes.csv, contrasts.csv and paper.toml.
    """
    study = study_id(paper.name)
    measured: list[Row] = []
    compared: list[Row] = [_text_contrast(row, study) for row in text_rows if _carries(row)]
    arms: dict[str, int | None] = {}
    held = {str(row["source"]) for row in cells if _is_held(row)}
    for grid in paper.tables:
        for row in read_rows(grid):
            kept = [_outcome(cell, grid, study) for cell in row.arms if _is_sure(cell)]
            measured += [one for one in kept if one is not None]
            compared += _table_contrasts(row, grid, study, held)
            for cell in row.arms:
                arms[cell.arm] = arms.get(cell.arm) or cell.n
    about = _study(paper, study, arms)
    return Draft(
        files={
            studies.FILE: _csv([about], studies.TABLE),
            outcomes.FILE: _csv(_distinct(measured) or [_nothing(study)], outcomes.TABLE),
            contrasts.FILE: _csv(compared or [_nothing(study)], contrasts.TABLE),
            QUESTIONS_FILE: _toml(paper, questions(cells)),
        }
    )


def _nothing(study: str) -> Row:
    """Return the row of a file for which nothing was read; every file has a row."""
    row = dict.fromkeys(("arm", "outcome", "arm_a", "arm_b", "contrast_type"), "not read")
    return {**row, "study_id": study, "p_value_as_printed": "-"}


def study_id(name: str) -> str:
    """Return a study id from a file's name.

    Examples
    --------
    >>> study_id("Smith et al. 2024.pdf")
    'smith_et_al_2024'
    """
    slug = re.sub(r"[^a-z0-9]+", "_", re.sub(r"\.[A-Za-z]+$", "", name).lower()).strip("_")
    return slug[:64].strip("_") or "paper"


def _study(paper: Paper, study: str, arms: Mapping[str, int | None]) -> Row:
    # People in a heading need not be all who were randomised, nor all who were analysed.
    sizes = "; ".join(f"{arm} n = {n}" for arm, n in arms.items() if arm and n)
    note = "drafted from the text and tables of one file; confirm before use"
    return {
        "study_id": study,
        "citation": paper.name,
        "design": "not read",
        "arms": "; ".join(arm for arm in arms if arm),
        "note": f"{note}; in headings {sizes}" if sizes else note,
    }


def _is_sure(cell: TableCell) -> bool:
    return not cell.printed.question and bool(cell.arm)


def _outcome(cell: TableCell, grid: Grid, study: str) -> Row | None:
    printed = dict(cell.printed.numbers)
    row: Row = {
        "study_id": study,
        "arm": cell.arm,
        "outcome": cell.outcome or "not named",
        "timepoint": cell.time,
        "n": str(cell.n or ""),
        "source_location": _place(grid, cell),
        "confidence": "verbatim-primary",
    }
    if "mean" in printed:
        ends: Row = {str(key): printed[key] for key in ("ci_low", "ci_high") if key in printed}
        spread = {"sd": printed["sd"]} if "sd" in printed else {}
        if "se" in printed:
            row["se"] = printed["se"]
            row["note"] = f"standard error {printed['se']}"
        ends |= {key: printed[key] for key in ("minimum", "maximum") if key in printed}
        level = _level(f"{grid.headings[cell.column]} {grid.words}") if "ci_low" in ends else ""
        return {**row, "mean": printed["mean"], **spread, **_in_order(ends), "ci_level": level}
    if "median" in printed and "median" in outcomes.TABLE.names:
        keys = ("median", "q1", "q3", "minimum", "maximum")
        return row | {key: printed[key] for key in keys if key in printed}
    if "count" in printed and (cell.n or printed.get("n")):
        n = printed.get("n") or str(cell.n)
        return {**row, "n": n, "mean": printed["count"], "unit": "events", "instrument": "count"}
    return None


def _is_held(row: Mapping[str, object]) -> bool:
    """Tell whether a p was compared without a condition that the files cannot say."""
    reason = str(row["reason"]).removesuffix("; no df printed, read as normal")
    plainly = row["verdict"] == "compatible" and not re.search(r"\bfits\b|;", reason)
    return row["verdict"] in _CARRIED or plainly


def _level(words: str) -> str:
    found = re.search(r"(\d\d(?:\.\d+)?)\s?%\s?C", words)
    return found.group(1) if found else ""


def _in_order(ends: Row) -> Row:
    """Leave out an interval whose ends stand in the other order: the files do not take it."""
    low, high = ends.get("ci_low", ""), ends.get("ci_high", "")
    if low and high and float(low) > float(high):
        return {key: value for key, value in ends.items() if not key.startswith("ci_")}
    return ends


def _table_contrasts(row: TableRow, grid: Grid, study: str, held: set[str]) -> list[Row]:
    arms = list(dict.fromkeys(cell.arm for cell in row.arms))
    if len(arms) != 2 or len(row.arms) != 2:
        return []
    counted = any(cell.printed.get("count") for cell in row.arms)
    words = f"{grid.caption} ; {grid.notes} ; {row.outcome}"
    parts = [part.strip() for part in _PART.split(words) if _TEST_WORDS.search(part)]
    method = "; ".join(dict.fromkeys(parts))
    ends = [_input(cell) for cell in row.arms]
    out = []
    for _, cell in row.p:
        text = cell.printed.get("p_value")
        source = _place(grid, cell)
        if text and source in held:
            out.append(
                {
                    "study_id": study,
                    "outcome": row.outcome or "not named",
                    "arm_a": arms[0],
                    "arm_b": arms[1],
                    "contrast_type": "risk difference" if counted else "between arms",
                    "p_value_as_printed": text,
                    "method": method,
                    "source_location": source,
                    "p_role": "effect",
                    "inputs": "; ".join(ends) if all(_is_sure(one) for one in row.arms) else "",
                }
            )
    for column, cell in row.differences:
        if len(out) == 1 and _place(grid, cell) in held:
            out[0] |= _difference(column.heading, cell, grid)
    return out


def _place(grid: Grid, cell: TableCell) -> str:
    return f"{grid.name}, row {cell.row + 1}, column {cell.column + 1}"


def _difference(heading: str, cell: TableCell, grid: Grid) -> Row:
    """Return a difference of means with its interval, where its level is read."""
    numbers = dict(cell.printed.numbers)
    level = _level(f"{heading} {grid.words}")
    plain = "difference" in heading.lower() and not re.search(r"standardi|percent", heading, re.I)
    known = level == "95" or (level and _knows("ci_level"))
    if "mean" not in numbers or not plain or not known:
        return {}
    ends = {key: numbers.get(key, "") for key in ("ci_low", "ci_high")}
    about = {"ci_level": level, "scale": "difference", "null": "0"}
    return {"estimate": numbers["mean"], **_in_order(ends), **about}


def _input(cell: TableCell) -> str:
    return f"{cell.arm} @ {cell.outcome} @ {cell.time}"


def _carries(row: Mapping[str, object]) -> bool:
    return row["quantity"] == "p_value"


def _text_contrast(row: Mapping[str, object], study: str) -> Row:
    """Return a statistic of the running text as a row of contrasts; its arms are not read."""
    name, value, p = str(row["statistic"]), str(row["printed"]), str(row["reported_p"])
    carried = bool(p) and _is_held(row) and (row["sided"] != "one" or _knows("sided"))
    out: Row = {
        "study_id": study,
        "outcome": f"text, place {row['position']}",
        "arm_a": "not read",
        "arm_b": "not read",
        "contrast_type": _EFFECT_TYPES.get(name, "test in the text"),
        "p_value_as_printed": p if carried else "-",
        "sided": str(row["sided"]),
        "p_role": str(row["p_role"]) if row["p_role"] in _ROLES else "",
        "source_location": str(row["text"])[:200],
    }
    if p and not carried:
        out["note"] = f"p {p} printed; {row['reason']}"[:400]
    plain = re.fullmatch(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", value) is not None
    if name in _EFFECT_TYPES and plain:
        return out | _estimate(row, name, value)
    if name in ("t", "F", "z", "chi2", "Q") and row["relation"] == "=" and plain:
        return out | {"statistic": f"{name}={value}", "df": str(row["printed_df"])}
    return out | (
        {"note": f"{name} {row['relation']} {value}"} if name and "note" not in out else {}
    )


def _estimate(row: Mapping[str, object], name: str, value: str) -> Row:
    """Return an estimate with its interval, where the files can say its scale and level."""
    scale, level = SCALES.get(name, ""), row["ci_level"]
    ends = {"ci_low": str(row["printed_low"]), "ci_high": str(row["printed_high"])}
    known = isinstance(level, float) and not math.isnan(level)
    plain = scale in ("difference", "coefficient") and (level == 95 or not ends["ci_low"])
    if not plain and not (_knows("scale") and _knows("ci_level")):
        return {"note": f"{name} {value} ({ends['ci_low']} to {ends['ci_high']})", **_NO_P}
    out = {"estimate": value, **_in_order(ends), "se": str(row["printed_se"])}
    out |= {"ci_level": f"{level:g}" if known else "", "df": str(row["printed_df"])}
    return out | {"scale": _SCALE_WORDS.get(name, ""), "null": _NULLS.get(scale, "")}


def _knows(name: str) -> bool:
    return name in contrasts.TABLE.names


def _distinct(rows: Sequence[Row]) -> list[Row]:
    seen, out = set(), []
    for row in rows:
        key = tuple(row.get(name, "") for name in outcomes.TABLE.key)
        if key not in seen:
            seen.add(key)
            out.append(row)
    return out


def _csv(rows: Sequence[Row], schema: Schema) -> str:
    names = [column.name for column in schema.columns]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _toml(paper: Paper, asked: Sequence[Mapping[str, object]]) -> str:
    """Return the questions as TOML; the answers are written into the evidence files."""
    lines = [
        "# What could not be read for certain. Answer by completing outcomes.csv and contrasts.csv",
        "# beside this file, then run: backwalk reproduce --evidence <this folder>",
        f"file = {_quoted(paper.name)}",
        f"sha256 = {_quoted(paper.sha256)}",
        f"notes = [{', '.join(_quoted(note) for note in paper.notes)}]",
    ]
    for row in asked:
        lines += ["", "[[ask]]"]
        keys = ("question", "outcome", "contrast", "timepoint", "reported", "source")
        lines += [f"{key} = {_quoted(str(row[key]))}" for key in keys]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
