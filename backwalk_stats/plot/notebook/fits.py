"""The face of a fitted model: what was asked first (differences, means), then what was not.

One record, `Shown`, is read off a fit and written twice: as text for a terminal, under 80 columns
and in plain ASCII, and as HTML with small pictures for a notebook. Which factor is compared is read
from the formula: the only one that is constant within participants and stands beside no number in
an interaction; where that names none or several, the coefficients come first.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.marginal import RowDistances
from backwalk_stats.figures import inline_svg
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.statsmodels_names import WIDTH, FitTable, Tidy
from backwalk_stats.models.formula.design import Factor
from backwalk_stats.models.linear.gee import GeeModel
from backwalk_stats.models.linear.ols import LinearModel
from backwalk_stats.models.mixed.longitudinal import ConstrainedLongitudinal
from backwalk_stats.plot.notebook import blocks
from backwalk_stats.tables import numbers
from backwalk_stats.tables.model import CODES

LEVEL = 0.95
MOST_DIFFERENCES = 12
MOST_ARMS = 4
MOST_LEVELS = 20  # a factor with more levels is as good as a name for each person
FEW_LEVELS, ROWS_OF_ONE = 6, 8  # so does one with several levels and few rows each
MOST_MATRIX = 6
ByFormula = FittedModel | LinearModel | GeeModel
NEXT = ".contrasts()  .marginal_means()  .tidy()  .glance()  .summary()"
LEFT_OUT = " rows left out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What a fit was asked: differences between levels of a factor, by visit where there are any.

    Attributes
    ----------
    differences, means : DataFrame
        Columns contrast, visit, estimate ...; arm, visit, estimate ... (visit "" where none).
    counts : mapping of (str, str) to int
        Rows used of each arm and visit.
    """

    differences: pd.DataFrame
    means: pd.DataFrame
    counts: Mapping[tuple[str, str], int]

    @property
    def visits(self) -> list[str]:
        """Return the visits in order; one without a name where there are none."""
        return list(dict.fromkeys(self.means["visit"]))

    @property
    def arms(self) -> list[str]:
        """Return the arms in order, the reference first."""
        return list(dict.fromkeys(self.means["arm"]))


def fit_text(fit: Tidy) -> str:
    """Return a fit as text: what was fitted, differences and means, how it went, what to call."""
    found = _comparison(fit)
    lines = _head_lines(fit)
    if found is None:
        lines += ["", *_coefficient_lines(fit, LEVEL, MOST_DIFFERENCES)]
    else:
        lines += ["", *_difference_lines(found), "", *_mean_lines(found)]
    lines += ["", *_foot_lines(fit), *_note_lines(fit, most=2), "", f"Next: {NEXT}"]
    return "\n".join(lines)


def summary_text(table: FitTable) -> str:
    """Return the summary of a fit: formula, people, covariance, method, coefficients, notes."""
    fit = table.fit
    lines = [*_head_lines(fit), "", *_coefficient_lines(fit, table.level, table.rows), ""]
    return "\n".join([*lines, *_foot_lines(fit), *_note_lines(fit, most=4)])


def fit_html(fit: Tidy) -> str:
    """Return a fit for a notebook: differences and means with their pictures, the rest folded."""
    found = _comparison(fit)
    parts = [_head_html(fit)]
    terms = _coefficients(fit, LEVEL)
    table = _coefficient_html(terms, LEVEL)
    if found is None:
        parts.append(blocks.side_by_side(table))
    else:
        parts.append(_comparison_html(fit, found))
        parts.append(blocks.folded(f"Fixed effects, {len(fit.coefficients())}", table))
    return blocks.face(*parts, *_rest_html(fit))


def summary_html(table: FitTable) -> str:
    """Return the summary of a fit for a notebook: its coefficients, the rest folded."""
    terms = _coefficients(table.fit, table.level)
    shown = blocks.side_by_side(_coefficient_html(terms, table.level))
    return blocks.face(_head_html(table.fit), shown, *_rest_html(table.fit))


# What a fit was asked.


def _comparison(fit: Tidy) -> Comparison | None:
    """Return the differences and means of the one factor that is compared; None without one."""
    if isinstance(fit, ConstrainedLongitudinal):
        found = Comparison(
            differences=fit.contrasts(), means=fit.marginal_means(), counts=_counts_constrained(fit)
        )
    elif isinstance(fit, ByFormula):
        factor, by = _compared(fit)
        if factor is None:
            return None
        found = Comparison(
            differences=_by_visit(fit.contrasts(factor.name, by), factor, by),
            means=_by_visit(fit.marginal_means(factor.name, by), factor, by),
            counts=_counts(fit.frame, factor.name, by),
        )
    else:
        return None
    few = len(found.differences) <= MOST_DIFFERENCES and len(found.arms) <= MOST_ARMS
    return found if few else None


def _by_visit(frame: pd.DataFrame, factor: Factor, by: str | None) -> pd.DataFrame:
    names = {factor.name: "arm"} if by is None else {factor.name: "arm", by: "visit"}
    out = frame.rename(columns=names)
    out = out.assign(visit="") if by is None else out.assign(visit=out["visit"].astype(str))
    return out.assign(arm=out["arm"].astype(str)) if "arm" in out.columns else out


def _compared(fit: ByFormula) -> tuple[Factor | None, str | None]:
    """Return the factor that is compared and the one within whose levels; None where not clear."""
    factors = {name: one for name, one in fit.design.factors.items() if len(one.levels) > 1}
    people = _people_column(fit)
    for name in _names_of_people(fit):
        factors.pop(name, None)
    plain = {name for name, one in factors.items() if one.name == name}
    within = {name for name in plain if people and _varies(fit.frame, people, name)}
    within |= (
        {fit.roles.visit} & plain if not isinstance(fit, LinearModel) and fit.roles.visit else set()
    )
    beside: dict[str, set[str]] = {name: set() for name in plain}
    for term in fit.formula.terms:
        columns = {one for variable in term for one in variable.columns}
        for name in columns & plain:
            beside[name] |= columns - {name}
    between = [name for name in factors if name in plain - within]
    asked = [name for name in between if beside[name] & within] or between
    if len(asked) != 1 or beside[asked[0]] - within:
        return None, None
    by = sorted(beside[asked[0]] & within)
    if len(by) > 1:
        return None, None
    return factors[asked[0]], by[0] if by else None


def _people_column(fit: ByFormula) -> str:
    return "" if isinstance(fit, LinearModel) else str(fit.roles.participant or "")


def _varies(frame: pd.DataFrame, people: str, column: str) -> bool:
    """Return whether a column differs between the rows of one participant."""
    seen = frame.groupby(people, observed=True)[column].nunique()
    return bool((seen > 1).any())


def _counts(frame: pd.DataFrame, arm: str, by: str | None) -> dict[tuple[str, str], int]:
    visit = pd.Series("", index=frame.index) if by is None else frame[by].astype(str)
    found = pd.crosstab(frame[arm].astype(str), visit)
    return {(str(a), str(v)): int(found.loc[a, v]) for a in found.index for v in found.columns}


def _counts_constrained(fit: ConstrainedLongitudinal) -> dict[tuple[str, str], int]:
    """Return the rows of each arm at each later visit: the model's own columns tell them."""
    frame = fit.model.frame
    found: dict[tuple[str, str], int] = {}
    later = range(1, len(fit.visits))
    for v, visit in enumerate(fit.visits):
        here = frame["visit"].astype(str) == visit
        arms = {
            a: int(frame[f"effect_{a}_{v}"].sum()) for a in range(1, len(fit.arms)) if v in later
        }
        if arms:
            found |= {(fit.arms[a], visit): n for a, n in arms.items()}
            found[fit.arms[0], visit] = int(here.sum()) - sum(arms.values())
    return found


# Words on a fit.


def _title(fit: Tidy) -> str:
    if isinstance(fit, ConstrainedLongitudinal):
        return "Constrained longitudinal model"
    if isinstance(fit, LinearModel):
        return "Linear model"
    if isinstance(fit, GeeModel):
        return "Generalised estimating equations"
    return "Linear mixed model" if _is_lmm(fit) else "Mixed model for repeated measures"


def _is_lmm(fit: Tidy) -> bool:
    return isinstance(fit, FittedModel) and bool(fit.random)


def _how(fit: Tidy) -> list[str]:
    """Return method, covariance, df and whether it converged."""
    stats = fit.stats
    if isinstance(fit, LinearModel):
        errors = "one residual variance" if stats.vcov == "model" else f"{stats.vcov} errors"
        df = "residual df" if stats.df == "residual" else f"{CODES.get(stats.df, stats.df)} df"
        return ["least squares", errors, df]
    if isinstance(fit, GeeModel):
        df = "t by participants" if stats.df == "participants" else "normal quantiles"
        tied = f"{stats.correlation} correlation by {fit.roles.participant}"
        scale = "" if stats.link == "identity" else f", numbers on the scale of its {stats.link}"
        return [f"{stats.family}{scale}", tied, f"{stats.vcov} errors", df]
    model = fit.model if isinstance(fit, ConstrainedLongitudinal) else fit
    people = (
        str(fit.roles.participant) if isinstance(fit, FittedModel | ConstrainedLongitudinal) else ""
    )
    if _is_lmm(fit) and isinstance(model, FittedModel):
        effects = " and ".join(
            f"random {', '.join(one.names)} by {one.group}" for one in model.random
        )
    else:
        effects = f"{CODES.get(stats.covariance, stats.covariance)} covariance by {people}"
    ways = {True: "converged", False: "did NOT converge"}
    edge = ", singular" if stats.singular else ""
    return [
        stats.method.upper(),
        effects,
        CODES.get(stats.df, stats.df),
        ways[stats.converged] + edge,
    ]


def _left_out(fit: Tidy) -> str:
    """Return what the fit's notes say of rows that were left out."""
    return next((note for note in fit.stats.notes if LEFT_OUT in note), "no row left out")


def _notes(fit: Tidy) -> list[str]:
    """Return the notes that have not been told, without the levels that may be people."""
    hidden = _names_of_people(fit) if isinstance(fit, ByFormula) else set()
    told = [note for note in fit.stats.notes if note != _left_out(fit)]
    return [
        f"{name}: a note on its levels stands in .stats.notes"
        if (name := note.partition(":")[0]) in hidden
        else note
        for note in told
    ]


def _people(fit: Tidy) -> str:
    stats = fit.stats
    rows = f"{stats.n_obs} values" if hasattr(stats, "n_participants") else f"{stats.n_obs} rows"
    return (
        f"{stats.n_participants} participants, {rows}" if hasattr(stats, "n_participants") else rows
    )


def _response(fit: Tidy) -> str:
    if isinstance(fit, ConstrainedLongitudinal):
        return str(fit.roles.outcome)
    return str(fit.formula.response.name)


def _coefficients(fit: Tidy, level: float) -> pd.DataFrame:
    """Return the coefficients without those of a factor that is as good as a name for people."""
    found: pd.DataFrame = fit.coefficients(level=level)
    if not isinstance(fit, ByFormula):
        return found
    hidden = _names_of_people(fit)
    named = [
        any(variable.column in hidden for variable, _ in column.levels)
        for column in fit.design.columns
    ]
    return found.loc[~np.array(named, dtype=bool)]


def _names_of_people(fit: ByFormula) -> set[str]:
    """Return the factors whose levels are people, or may be: many, with few rows each."""
    rows, hidden = len(fit.frame), {_people_column(fit)}
    for name, one in fit.design.factors.items():
        levels = len(one.levels)
        if levels > MOST_LEVELS or (levels > FEW_LEVELS and ROWS_OF_ONE * levels >= rows):
            hidden.add(name)
    return hidden


def _foot(fit: Tidy) -> tuple[str, str]:
    """Return the variances, and the likelihood, in words."""
    stats = fit.stats
    if isinstance(fit, GeeModel):
        tied = "" if stats.correlation == "independence" else f", alpha {_number(stats.alpha, 3)}"
        return f"scale {_number(stats.scale, 3)}{tied}", "no likelihood"
    ends = f"logLik {_number(stats.loglik, 2)}, AIC {_number(stats.aic, 2)}"
    ends = f"{ends}, BIC {_number(stats.bic, 2)}"
    if isinstance(fit, LinearModel):
        share = f"R2 {_number(stats.r_squared, 3)}"
        return f"residual SD {numbers.significant(stats.residual_sd)}, {share}", ends
    model = fit.model if isinstance(fit, ConstrainedLongitudinal) else fit
    return _spread(model), ends  # type: ignore[arg-type]


def _spread(model: FittedModel) -> str:
    """Return the SDs of visits, or of random effects, and what ties them."""
    if model.groups:
        return f"a covariance for each of {len(model.groups)} groups: .covariance"
    if model.random:
        return _spread_of_effects(model)
    if isinstance(model.fit.likelihood.marginal, RowDistances):
        sd, rho = (model.fit.point.theta[0] ** 0.5, model.fit.point.theta[1])
        near = f"correlation at distance 1 {numbers.number(float(rho), 3)}"
        return f"SD {numbers.significant(float(sd))}, {near}"
    matrix = np.atleast_2d(np.asarray(model.covariance, dtype=float))
    sds = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    if len(sds) > MOST_MATRIX:
        return f"{len(sds)} visits: .covariance"
    visits = f"SD by visit {'  '.join(numbers.significant(sd) for sd in sds.tolist())}"
    if len(sds) == 1 or not (sds > 0).all():
        return visits
    tied = (matrix / np.outer(sds, sds))[np.triu_indices(len(sds), 1)]
    low, high = (numbers.number(float(one), 2) for one in (tied.min(), tied.max()))
    return f"{visits}, correlation {low if low == high else f'{low} to {high}'}"


def _spread_of_effects(model: FittedModel) -> str:
    """Return the SDs of random effects, of each grouping factor where there are two."""
    several = len(model.random) > 1
    covariance: Any = model.covariance
    told = []
    for one in model.random:
        matrix = covariance[one.group] if several else covariance
        sds = np.sqrt(np.maximum(np.diagonal(np.atleast_2d(matrix)), 0.0))
        by = f" by {one.group}" if several else ""
        told += [
            f"SD of {name}{by} {numbers.significant(sd)}"
            for name, sd in zip(one.names, sds.tolist(), strict=True)
        ]
    residual = float(np.sqrt(model.fit.point.theta[-1]))
    return ", ".join([*told, f"residual SD {numbers.significant(residual)}"])


def _number(value: float, digits: int) -> str:
    return numbers.number(float(value), digits)


def _digits(frame: pd.DataFrame) -> int:
    """Return the decimals that estimates in one unit share."""
    wide = (frame["conf_high"] - frame["conf_low"]).abs()
    known = sorted(one for one in wide.tolist() if isfinite(one) and one > 0)
    return numbers.interval_digits(0.0, known[len(known) // 2]) if known else 2


# As text.


def _ascii(text: str) -> str:
    for sign, plain in (
        (numbers.MINUS, "-"),
        (numbers.DASH, "-"),
        ("∞", "inf"),
        ("×", "x"),
        ("< ", "<"),
        ("> ", ">"),
    ):
        text = text.replace(sign, plain)
    return text


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(_ascii(text), WIDTH, subsequent_indent="  ")


def _head_lines(fit: Tidy) -> list[str]:
    formula = textwrap.shorten(fit.formula.text, 400, placeholder=" ...")
    return [
        *_wrapped(f"{_title(fit)}:  {formula}"),
        *_wrapped("; ".join([", ".join(_how(fit)[:3]), *_how(fit)[3:]])),
        *_wrapped(f"{_people(fit)}; {_left_out(fit)}"),
    ]


def _rows_of_text(frame: pd.DataFrame, digits: Sequence[int]) -> list[list[str]]:
    """Return estimate, interval, p, SE and df of each row as text."""
    out = []
    for row, places in zip(numbers.frame_rows(frame), digits, strict=True):
        out.append(
            [
                numbers.number(row["estimate"], places),
                numbers.interval_text(row["conf_low"], row["conf_high"], places),
                numbers.p_value(row["p_value"]),
                numbers.number(row["std_error"], places),
                numbers.number(row["df"], 1),
            ]
        )
    return out


def _lined_up(heads: Sequence[str], names: Sequence[str], rows: Sequence[list[str]]) -> list[str]:
    """Return a table of text under 80 columns: names on the left, numbers on the right."""
    told = [[_ascii(text) for text in row] for row in rows]
    wide = [max(len(head), *(len(row[i]) for row in told)) for i, head in enumerate(heads[1:])]
    room = max(WIDTH - sum(wide) - 2 * len(wide), 8)
    first = [name if len(name) <= room else name[: room - 3] + "..." for name in names]
    left = min(max(len(heads[0]), *(len(name) for name in first)), room)
    lines = [
        [heads[0][:left], *heads[1:]],
        *([name, *row] for name, row in zip(first, told, strict=True)),
    ]
    return [
        (
            line[0].ljust(left)
            + "".join("  " + c.rjust(w) for c, w in zip(line[1:], wide, strict=True))
        ).rstrip()
        for line in lines
    ]


def _heads(first: str, level: float) -> list[str]:
    return [first, "estimate", numbers.interval_name(level), "p", "SE", "df"]


def _coefficient_lines(fit: Tidy, level: float, most: int | None) -> list[str]:
    found = _coefficients(fit, level)
    if found.empty:
        return ["every coefficient is of one person: .coefficients()"]
    shown = found.head(most) if most is not None else found
    digits = [_digits(shown.iloc[[place]]) for place in range(len(shown))]
    names = [str(term) for term in shown["term"]]
    lines = _lined_up(_heads("coefficient", level), names, _rows_of_text(shown, digits))
    more = len(fit.coefficients()) - len(shown)
    return [*lines, *([f"... and {more} more: .coefficients()"] if more else [])]


def _difference_lines(found: Comparison) -> list[str]:
    lines: list[str] = []
    digits = _digits(found.differences)
    for contrast, part in found.differences.groupby("contrast", sort=False):
        names = [f"  {visit}" if visit else "  difference" for visit in part["visit"]]
        rows = _rows_of_text(part, [digits] * len(part))
        lines += _lined_up(_heads(str(contrast), LEVEL), names, rows)
    return lines


def _mean_lines(found: Comparison) -> list[str]:
    rows, digits = _means_by_visit(found)
    told = [
        [
            f"{numbers.number(one['estimate'], digits)} ({_interval(one, digits)})" if one else "-"
            for one in row
        ]
        for row in rows
    ]
    names = [f"  {visit}" if visit else "  mean" for visit in found.visits]
    if sum(max(len(one) for one in column) + 2 for column in zip(*told, strict=True)) > WIDTH - 12:
        told = [[text.partition(" (")[0] for text in row] for row in told]
    return _lined_up(["adjusted means", *found.arms], names, told)


def _interval(row: numbers.Row, digits: int) -> str:
    return numbers.interval_text(row["conf_low"], row["conf_high"], digits)


def _means_by_visit(found: Comparison) -> tuple[list[list[numbers.Row]], int]:
    """Return the rows of means, a line a visit and a column an arm, and their decimals."""
    known = {(row["arm"], row["visit"]): row for row in numbers.frame_rows(found.means)}
    lines = [[known.get((arm, visit), {}) for arm in found.arms] for visit in found.visits]
    return lines, _digits(found.differences)


def _foot_lines(fit: Tidy) -> list[str]:
    spread, likelihood = _foot(fit)
    return [*_wrapped(spread), *_wrapped(likelihood)]


def _note_lines(fit: Tidy, *, most: int) -> list[str]:
    """Return the notes that have not been told yet."""
    notes = _notes(fit)
    shown = [textwrap.shorten(note, 150, placeholder=" ...") for note in notes[:most]]
    more = [f"and {len(notes) - most} more notes: .stats.notes"] if len(notes) > most else []
    return [line for note in [*shown, *more] for line in _wrapped(f"Note: {note}")]


# As HTML.


def _head_html(fit: Tidy) -> str:
    how = f"{' · '.join(_how(fit))} · {_people(fit)}; {_left_out(fit)}"
    return blocks.head(
        _title(fit), textwrap.shorten(fit.formula.text, 600, placeholder=" ..."), how
    )


def _comparison_html(fit: Tidy, found: Comparison) -> str:
    scale = inline_svg.interval_scale(numbers.frame_rows(found.differences))
    digits = _digits(found.differences)
    tables = []
    for contrast, part in found.differences.groupby("contrast", sort=False):
        main = len(part) - 1 if len(part) > 1 else None
        rows = []
        texts = _rows_of_text(part, [digits] * len(part))
        for place, (row, text) in enumerate(zip(numbers.frame_rows(part), texts, strict=True)):
            picture = inline_svg.interval_picture(row, scale, bold=place == main)
            rows.append(
                [row["visit"] or "difference", text[0], text[1], text[2], picture, *text[3:]]
            )
        heads = ["", "Estimate", numbers.interval_name(LEVEL), "p",
                 f"below zero: less {_response(fit)}", "SE", "df"]  # fmt: skip
        caption = f"Difference, {contrast}"
        tables.append(blocks.table(heads, rows, caption=caption, main=main, pictures=4))
    return blocks.side_by_side("".join([*tables, _means_html(found)]), _means_picture(fit, found))


def _means_html(found: Comparison) -> str:
    lines, digits = _means_by_visit(found)
    rows = [
        [
            visit or "mean",
            *(
                f"{numbers.number(one['estimate'], digits)} ({_interval(one, digits)})"
                if one
                else numbers.DASH
                for one in line
            ),
        ]
        for visit, line in zip(found.visits, lines, strict=True)
    ]
    return blocks.table(["", *found.arms], rows, caption="Adjusted means")


def _means_picture(fit: Tidy, found: Comparison) -> str:
    visits = {visit: visit for visit in found.visits}
    return inline_svg.means_picture(
        numbers.frame_rows(found.means),
        {arm: arm for arm in found.arms},
        visits,
        title=f"Adjusted mean of {_response(fit)} ({numbers.interval_name(LEVEL)})",
        counts=found.counts,
    )


def _coefficient_html(terms: pd.DataFrame, level: float) -> str:
    digits = [_digits(terms.iloc[[place]]) for place in range(len(terms))]
    rows = [
        [str(term), *text]
        for term, text in zip(terms["term"], _rows_of_text(terms, digits), strict=True)
    ]
    heads = ["Coefficient", "Estimate", *_heads("", level)[2:]]
    return blocks.table(heads, rows)


def _rest_html(fit: Tidy) -> list[str]:
    """Return what was not asked: variances, likelihood, notes."""
    spread, likelihood = _foot(fit)
    notes = _notes(fit)
    steps = f"; {fit.stats.iterations} steps" if hasattr(fit.stats, "iterations") else ""
    parts = [blocks.second(one) for one in (spread, likelihood + steps)]
    return [*parts, blocks.folded(f"Notes, {len(notes)}", blocks.items(notes)) if notes else ""]
