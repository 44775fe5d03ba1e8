"""Answers to questions as results: rows with every column, also where nothing was estimated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from backwalk_stats.analyses.events import as_planned, strategies_in_words
from backwalk_stats.analyses.margins import (
    against_margin,
    margin_method,
    margin_target,
    margin_words,
)
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.trial.estimand import OF_KIND, OF_MEANS, SENSITIVITY, Estimand
from backwalk_stats.trial.outcome import Kind
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import DIFFERENCE_CURVE, ESTIMATES, RESULTS
from backwalk_stats.trial.trial import Trial

Question = Callable[["Trial", "Estimand"], Result]
Row: TypeAlias = "pd.Series[Any] | Mapping[Any, Any]"
Line: TypeAlias = Mapping[Any, Any]  # a row of results: the columns that are known
Named: TypeAlias = tuple[str, str, str]  # columns of an estimate and its limits
INTERVAL = ("estimate", "conf_low", "conf_high")
MANY = 100  # people, from whom on normal quantiles serve
FEW = 50  # people, below whom risks, rates and categories are tested in the way of small trials
NUMBERS = (*ESTIMATES, "p_adjusted", "n", "n_reference")
MAIN_QUANTITY = {
    "change-score": "change_difference",
    "random-slope": "change_difference",
    "rank-based": "hodges_lehmann",
    "mixed-anova": "f_statistic",
    "adjusted-risk": "risk_difference",
    "missing-as-failure": "risk_difference",
    "best-case": "risk_difference",
    "worst-case": "risk_difference",
    "ordinal": "odds_ratio",
    "gee": "odds_ratio",
    "rate-ratio": "rate_ratio",
}
_COLUMNS = {
    "value": "the outcome",
    "outcome": "the outcome",
    "change": "the change from baseline",
    "baseline": "the baseline",
    "visit": "the visit",
    "arm": "the arm",
    "answer": "the response",
    "stratum": "the stratum",
}
_COMPLETE = re.compile(
    r"complete rows of ([\w, ]+): (.+); each arm needs (\d+) at least\. Leave the arm out or join "
    "it with another"
)
_NOBODY = re.compile(r"no row has all of ([\w, ]+)")
_EMPTY = re.compile(
    r"no row has (.+?)(?:, but (?:arm:visit|visit:arm) needs it; leave out the interaction or the "
    "level|; leave out the visit)$"
)
_CELL = re.compile(r"^(?=.*\barm = (.+?)(?: and visit|$))(?=.*\bvisit = (.+?)(?: and arm|$)).*$")
_PHRASES = (
    # Brant's test is in no row of a trial, the score test is.
    (re.compile(r", and Brant's test much too small: score_test is not$"), ""),
    (re.compile(r"\bno event in any arm: value is 0 in every row$"), "nobody had an event"),
    (re.compile(r"\bthe outcome value\b"), "the outcome"),
    (re.compile(r"\bvalue is the same in every row\b"), "the outcome is the same for everybody"),
    (re.compile(r"\bis the same in every row\b"), "is the same for everybody"),
    (re.compile(r"\bis the same number in every row of visit\b"), "is the same for everybody at"),
    (re.compile(r"; leave these rows out$"), ""),
    (re.compile(r"\bevery value exactly\b"), "every score exactly"),
    (re.compile(r"\bhas value in\b"), "has the outcome in"),
    (re.compile(r"\bno row has outcome\b"), "nobody has outcome"),
    (re.compile(r"\b(\d+) complete rows\b"), r"\1 participants with complete data"),
    (re.compile(r"\bin the (?:complete rows|rows used)\b"), "among the data used"),
    (re.compile(r"\barm(?: =|:) "), ""),
)
POINTS = 121
WIDTH = 4.0  # standard errors to either side


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an analysis says of its question; which analysis and whose question are known outside.

    Attributes
    ----------
    method, notes, converged, frames
        As of `Result`.
    lines : sequence of mapping
        Rows as `results_frame` takes them; none where a question only describes.
    """

    method: str
    lines: Sequence[Line] = ()
    notes: Sequence[str] = ()
    converged: bool = True
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def result(
        self, analysis: str, *, outcome: str = "", estimand: Estimand | None = None
    ) -> Result:
        """Return the result of an analysis, its estimates with every column."""
        return Result(
            analysis=analysis,
            outcome=estimand.outcome if estimand else outcome,
            estimates=results_frame(
                self.lines, analysis=analysis, outcome=outcome, estimand=estimand
            ),
            method=self.method,
            estimand=estimand,
            converged=self.converged,
            notes=tuple(self.notes),
            frames=self.frames,
        )


def main_quantity(analysis: str) -> str:
    """Return the quantity by which an analysis compares the arms."""
    return MAIN_QUANTITY.get(analysis, "mean_difference")


def results_frame(
    rows: Iterable[Line], *, analysis: str, outcome: str = "", estimand: Estimand | None = None
) -> pd.DataFrame:
    """Return rows with the columns of `tables.RESULTS`; other keys are left out.

    Numbers that are not given are NaN, texts "". An estimand names the outcome; the row that
    answers it has its role, those of an analysis beside it "sensitivity" or "supplementary"
    (`Estimand.role_of`), all others "supporting". Without one the role is "descriptive".

    Examples
    --------
    >>> frame = results_frame([{"quantity": "d_z", "estimate": -1.5}], analysis="within-arm")
    >>> frame[["analysis", "quantity", "estimate", "p_value", "role"]]
         analysis quantity  estimate  p_value         role
    0  within-arm      d_z      -1.5      NaN  descriptive
    """
    filled = []
    for row in rows:
        known = {name: row[name] for name in RESULTS if name in row}
        full: dict[str, object] = {
            **dict.fromkeys(RESULTS, ""),
            **dict.fromkeys(NUMBERS, np.nan),
            "analysis": analysis,
            "estimand": estimand.id if estimand else "",
            "outcome": estimand.outcome if estimand else outcome,
            **known,
        }
        filled.append({**full, "role": full["role"] or _role(full, estimand)})
    frame = pd.DataFrame(filled, columns=list(RESULTS))
    texts = [name for name in RESULTS if name not in NUMBERS]
    return frame.astype({**dict.fromkeys(NUMBERS, "float64"), **dict.fromkeys(texts, "str")})


def _role(row: Mapping[str, object], estimand: Estimand | None) -> str:
    if estimand is None:
        return "descriptive"
    if row["analysis"] != estimand.analysis:
        beside = str(row["analysis"])
        return estimand.role_of(beside) if beside in SENSITIVITY else "supporting"
    wanted = (estimand.visit, estimand.contrast_name, main_quantity(estimand.analysis))
    answers = (row["visit"], row["contrast"], row["quantity"]) == wanted
    return estimand.role if answers else "supporting"


def columns_of(row: Row, named: Named | None = None) -> dict[str, Any]:
    """Return the estimate columns that a row has, or those that stand under other names."""
    if named is not None:
        return {column: row[name] for column, name in zip(INTERVAL, named, strict=True)}
    return {name: row[name] for name in ESTIMATES if name in row}


def compared(
    estimand: Estimand, quantity: str, row: Row, *, named: Named | None = None, **more: object
) -> dict[str, Any]:
    """Return the line of a quantity that compares the estimand's arms at its visit.

    Numbers of participants come from the row where a model gives them (n_arm, n_reference); what is
    given besides takes the place of what the row or the estimand say.
    """
    sizes = {"n": row["n_arm"], "n_reference": row["n_reference"]} if "n_arm" in row else {}
    about = {"visit": estimand.visit, "contrast": estimand.contrast_name, "quantity": quantity}
    return {**about, **columns_of(row, named), **sizes, **more}


def f_row(row: Row, *, df: str = "df_den", p_value: str = "p_value") -> dict[str, Any]:
    """Return the row of an F test: it has no estimate but its statistic."""
    statistic = row["statistic"]
    return {"estimate": statistic, "statistic": statistic, "df": row[df], "p_value": row[p_value]}


def sizes_of(used: Mapping[str, int], estimand: Estimand) -> dict[str, Any]:
    """Return n and n_reference of an estimand, from the participants of each arm."""
    arm, reference = estimand.contrast
    return {"n": used.get(arm, 0), "n_reference": used.get(reference, 0)}


def model_lines(
    found: pd.DataFrame, means: pd.DataFrame, used: Mapping[str, int], estimand: Estimand
) -> list[dict[str, Any]]:
    """Return the lines of a model: the difference at each visit, then the mean of each arm.

    `found` and `means` have a column visit; `used` tells the participants of each arm.
    """
    sizes = sizes_of(used, estimand)
    lines = [
        compared(estimand, "mean_difference", row, visit=str(row["visit"]), **sizes)
        for row in found.to_dict("records")
    ]
    for row in means.to_dict("records"):
        arm = str(row["arm"])
        about = {"visit": str(row["visit"]), "arm": arm, "quantity": "adjusted_mean"}
        lines.append({**about, **columns_of(row), "n": used.get(arm, 0)})
    return lines


def asked(analysis: str) -> Callable[[Callable[[Trial, Estimand], Answer]], Question]:
    """Make a question of a function that may find its numbers not estimable.

    What cannot be estimated, and data that a model refuses, become a row of NaN whose note is the
    reason: one analysis that fails does not take the report with it. `analysis` is the code of the
    result. Values after intercurrent events are as the estimand's strategies want them.
    """

    def around(function: Callable[[Trial, Estimand], Answer]) -> Question:
        @wraps(function)
        def answered(trial: Trial, estimand: Estimand) -> Result:
            trial = as_planned(trial, estimand, analysis)
            try:
                _require_kind(trial.outcome(estimand.outcome).kind, analysis)
                answer = function(trial, estimand)
            except (NotEstimable, UsageError, np.linalg.LinAlgError) as error:
                why = f"not estimated: {in_own_names(str(error), estimand)}"
                answer = Answer(
                    method="Could not be carried out; the notes say why.",
                    lines=[compared(estimand, main_quantity(analysis), {}, note=why)],
                    converged=False,
                    notes=(why,),
                )
            answer = _with_margin(answer, trial, estimand, analysis)
            answer = _with_assumptions(answer, trial, estimand)
            answer = _with_strategies(answer, estimand, analysis)
            return answer.result(analysis, estimand=estimand)

        return answered

    return around


def _require_kind(kind: Kind, analysis: str) -> None:
    """Refuse an analysis of risks, orders or counts of an outcome of another kind."""
    fitting = OF_KIND.get(kind, OF_MEANS)
    if analysis not in fitting and any(analysis in own for own in OF_KIND.values()):
        raise UsageError(f"'{analysis}' is of another kind of outcome: this one is {kind}")


def _with_strategies(answer: Answer, estimand: Estimand, analysis: str) -> Answer:
    """Return an answer whose method says what was done with values after intercurrent events."""
    said = strategies_in_words(estimand, analysis)
    if not said or said in answer.method:
        return answer
    return replace(answer, method=f"{answer.method} {said}")


def _with_margin(answer: Answer, trial: Trial, estimand: Estimand, analysis: str) -> Answer:
    """Return an answer with the test of its difference against the margin, where there is one.

    Each one-sided test is at (1 - level) / 2, so that it says what the interval says. The limits
    are those of the difference.
    """
    quantity = margin_target(estimand, main_quantity(analysis))
    there = any(one.get("quantity") == estimand.margin_quantity for one in answer.lines)
    better = trial.outcome(estimand.outcome).better
    whole = analysis not in ("subgroup", "tipping-point")  # these are not the estimand's answer
    if estimand.margin is None or not quantity or there or not whole:
        return answer
    wanted = (quantity, estimand.contrast_name, estimand.visit)
    rows = [one for one in answer.lines
            if (one.get("quantity"), one.get("contrast"), one.get("visit")) == wanted
            and _positive(one.get("std_error"))]  # fmt: skip
    if not rows or (estimand.framework == "non-inferiority" and not better):
        return answer
    main = estimand.role if analysis == estimand.analysis else ""
    lines = [*answer.lines]
    for row in rows:
        tested = against_margin(row, estimand, better=better)
        note = ", ".join(filter(None, (str(row.get("note", "")), margin_words(estimand))))
        lines.append({**row, **tested, "note": note, "role": main})
    return replace(answer, lines=lines, method=f"{answer.method} {margin_method(estimand)}")


def _positive(value: object) -> bool:
    return isinstance(value, int | float | np.floating) and bool(value > 0)


def _with_assumptions(answer: Answer, trial: Trial, estimand: Estimand) -> Answer:
    """Return an answer with what was taken for granted of its covariates beside its estimates."""
    used = dict.fromkeys((*estimand.other_covariates, *estimand.subgroups))
    told = [trial.assumptions[name] for name in used if name in trial.assumptions]
    if not told:
        return answer
    note = "; ".join(told)
    lines = [
        line if line.get("note") or "contrast" not in line else {**line, "note": note}
        for line in answer.lines
    ]
    return replace(answer, lines=lines, notes=(*answer.notes, *told))


# What models say of their columns, in the words of the trial.
#
# The rows of an analysis have columns that no user has named (`analysis_rows`): value, baseline,
# x1. A message about them is to be read by people who know the outcome and the covariates.


def in_trial_words(text: str) -> str:
    """Return a message of a model with its columns in words.

    Examples
    --------
    >>> in_trial_words("the outcome value is the same in every row: it has no variance")
    'the outcome is the same for everybody: it has no variance'
    >>> in_trial_words("complete rows of value, baseline: forward 1; each arm needs 2 at least. "
    ...                "Leave the arm out or join it with another")
    'too few have the outcome, the baseline in forward; each arm needs 2'
    >>> in_trial_words("no row has arm = backward and visit = W6, but arm:visit needs it; leave "
    ...                "out the interaction or the level")
    'nobody has the outcome: backward at W6'
    """
    plain = _NOBODY.sub(_nobody, _EMPTY.sub(_empty, _COMPLETE.sub(_complete, text)))
    for phrase, words in _PHRASES:
        plain = phrase.sub(words, plain)
    return plain


def _nobody(found: re.Match[str]) -> str:
    """Say what nobody has all of; who and when somebody was measured is always known."""
    names = [one for one in found[1].split(", ") if one not in ("who", "visit", "arm")]
    return f"nobody has all of {', '.join(_COLUMNS.get(name, name) for name in names)}"


def _complete(found: re.Match[str]) -> str:
    """Say which arm has too few, without how many."""
    what = ", ".join(_COLUMNS.get(name, name) for name in found[1].split(", "))
    arms = [re.sub(r" \d+$", "", one) for one in found[2].split(", ")]
    where = "" if arms == ["none"] else f" in {', '.join(arms)}"
    return f"too few have {what}{where}; each arm needs {found[3]}"


def _empty(found: re.Match[str]) -> str:
    """Say in which arm nobody was measured at which visit."""
    cells = [_CELL.sub(r"\1 at \2", one) for one in found[1].split("; ")]
    return f"nobody has the outcome: {', '.join(cells)}"


_SAID_ELSEWHERE = ("standard errors", "error rates in", "value: categories from")


def many(people: int) -> bool:
    """Tell whether normal quantiles serve: from 100 people on (docs/methods/discrete.md).

    >>> many(99), many(100)
    (False, True)
    """
    return people >= MANY


def few(people: int) -> bool:
    """Tell whether the tests of small trials are taken: below 50 people (docs/methods/discrete.md).

    From there on the usual tests are near their level, and give what other programs print.

    >>> few(49), few(50)
    (True, False)
    """
    return people < FEW


def told_of_rows(notes: pd.Series, estimand: Estimand) -> tuple[str, ...]:
    """Return what a door says in every row, but how rows were left out and errors were made.

    Examples
    --------
    >>> one = Estimand(id="E1", outcome="fell", visit="W6", contrast=("b", "f"))
    >>> told_of_rows(pd.Series(["standard errors: hc3; no events", "no events"]), one)
    ('no events',)
    """
    every = [str(one).split("; ") for one in notes]
    shared = set(every[0]).intersection(*every) if every else set()
    return tuple(
        in_own_names(one, estimand)
        for one in (every[0] if every else [])
        if one in shared
        and one
        and "left out, a value" not in one
        and not one.startswith(_SAID_ELSEWHERE)
    )


def in_own_names(text: str, estimand: Estimand) -> str:
    """Return a message in the words of the trial, covariates by their own names.

    Models see covariates as x1, x2, ... (some as c1, c2, ...); a term such as x1F also tells a
    level, which is left out.

    Examples
    --------
    >>> from backwalk_stats.trial.estimand import Estimand
    >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("backward", "forward"),
    ...                covariates=("baseline", "sex"))
    >>> in_own_names("collinear: x1F, baseline", one)
    'collinear: sex, baseline'
    """
    names = estimand.other_covariates

    def named(match: re.Match[str]) -> str:
        place = int(match[1])
        return names[place - 1] if 1 <= place <= len(names) else match[0]

    return in_trial_words(re.sub(r"\b[xc](\d+)\w*", named, text))


# How sure a difference is, as a curve: the density of the estimate's t distribution.


def difference_curve(row: Row) -> pd.DataFrame:
    """Return value and density of an estimate (`tables.DIFFERENCE_CURVE`).

    The row has estimate, std_error and df; infinite df is the normal distribution. NaN gives no
    rows.

    Examples
    --------
    >>> curve = difference_curve({"estimate": -1.0, "std_error": 0.5, "df": 40.0})
    >>> float(curve["value"].iloc[curve["density"].argmax()])
    -1.0
    """
    estimate, error, df = (float(row[name]) for name in ("estimate", "std_error", "df"))
    if not (np.isfinite(estimate) and np.isfinite(error) and error > 0.0) or np.isnan(df):
        return pd.DataFrame(columns=list(DIFFERENCE_CURVE), dtype="float64")
    z = np.linspace(-WIDTH, WIDTH, POINTS)
    density = norm.pdf(z) if np.isinf(df) else t.pdf(z, df)
    return pd.DataFrame({"value": estimate + error * z, "density": density / error})


# One seed for each analysis, from the seed of the trial: adding an analysis changes no other's.


def seed_of(trial: Trial, analysis: str, estimand: str = "") -> int:
    """Return the seed of an analysis of an estimand: their names are the key below `study.seed`."""
    key = (crc32(analysis.encode()), crc32(estimand.encode()))
    sequence = np.random.SeedSequence(trial.study.seed, spawn_key=key)
    return int(sequence.generate_state(1, dtype=np.uint32)[0])
