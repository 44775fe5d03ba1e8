"""The answer, first: one sentence for every primary estimand, and what is not known."""

from __future__ import annotations

from math import isfinite

from backwalk_stats.report import headline
from backwalk_stats.report.document import document
from backwalk_stats.report.document.text import note_text, plural
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.trial_labels import arm_words
from backwalk_stats.trial.estimand import Estimand

ORDER = 10
_LIMITS = (
    "Whether participants or assessors knew the arm, what other treatment was given, and what harm "
    "was done is not in the files that were read."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the answers to the primary estimands, or to all where none is primary."""
    asked = subject.trial.estimands
    primary = tuple(one for one in asked if one.role == "primary") or asked
    blocks: list[document.Block] = []
    for place, estimand in enumerate(primary):
        label = f"{estimand.id}. " if len(primary) > 1 else ""
        told: document.Text = (
            document.Strong(text=f"{label}{headline.headline(subject, estimand)}"),
        )
        unsure = headline.uncertainty(subject, estimand)
        told += (f" {unsure}",) if unsure else ()
        told += tuple(f" {one}" for one in headline.against_thresholds(subject, estimand))
        blocks.append(document.Answer(lead=told))
        if place == len(primary) - 1:
            blocks.append(document.Paragraph(content=(document.Strong(text="What is not known."),)))
    if not primary:
        blocks.append(document.Answer(lead=(_DESCRIBES,)))
    known = [text for one in primary for text in _open_ends(subject, one, named=len(primary) > 1)]
    blocks.append(
        document.Items(entries=tuple((text,) for text in dict.fromkeys((*known, _LIMITS))))
    )
    return document.Section(id="answer", title="The answer", blocks=tuple(blocks))


_DESCRIBES = "The trial file asks for no comparison; this report describes what was measured."


def _open_ends(subject: TrialSubject, estimand: Estimand, *, named: bool) -> list[str]:
    """Say what the answer to an estimand leaves open; notes begin with its id where `named`."""
    said = [_analysed(subject, estimand), _agreement(subject, estimand)]
    part = subject.main_part(estimand)
    # Without an estimate there was no model to converge: the notes say why.
    if part is not None and not part.converged and part.estimates["estimate"].notna().any():
        said.append(f"The model for {estimand.id} did not converge: it gave no standard errors.")
    head = f"{estimand.id}: " if named else ""
    said += [f"{head}{note_text(note)}" for note in (part.notes if part is not None else ())]
    return [one for one in said if one]


def _analysed(subject: TrialSubject, estimand: Estimand) -> str:
    """Say how many of the randomised entered the main analysis."""
    row = headline.main_row(subject, estimand)
    if row is None:
        return ""
    counts = (float(row["n"]), float(row["n_reference"]))
    if not all(isfinite(count) for count in counts):
        return ""
    arms = tuple(subject.arms.get(one, one) for one in estimand.contrast)
    of = tuple(subject.sizes.get(one, 0) for one in estimand.contrast)
    told = ", ".join(
        f"{arm_words(arm)} {count:.0f} of {size}"
        for arm, count, size in zip(arms, counts, of, strict=True)
    )
    return f"Of those in the data, the main analysis of {estimand.id} has: {told}."


def _agreement(subject: TrialSubject, estimand: Estimand) -> str:
    """Say how many sensitivity analyses point the same way as the main one.

    One with several rows, as reference-based imputation has, counts only if all of them do.
    """
    main = headline.main_row(subject, estimand)
    if main is None or not isfinite(float(main["estimate"])):
        return ""
    table = subject.analysis.estimates
    others = table[
        (table["estimand"] == estimand.id)
        & table["analysis"].isin(estimand.sensitivity)
        # Unshifted, the tipping point is no answer of its own.
        & ~table["analysis"].isin((estimand.analysis, "tipping-point"))
        & table["quantity"].isin(headline.DIFFERENCES)
        & (table["visit"] == estimand.visit)
        & (table["contrast"] == estimand.contrast_name)
        & table["estimate"].notna()
    ]
    if not len(others):
        return ""
    way = float(main["estimate"])
    alike = others["estimate"] > 0 if way > 0 else others["estimate"] < 0
    same = alike.groupby(others["analysis"]).all()
    ends = others[others["conf_low"].notna() & others["conf_high"].notna()]
    clear = (ends["conf_low"] > 0) | (ends["conf_high"] < 0)
    beyond = clear.groupby(ends["analysis"]).all()
    apart = ", the tipping point apart" if "tipping-point" in estimand.sensitivity else ""
    points = (
        "the main analysis points to neither side"
        if way == 0
        else f"{same.sum()} {'points' if same.sum() == 1 else 'point'} the same way as the main "
        "analysis"
    )
    return (
        f"Of {plural(len(same), 'sensitivity analysis', 'sensitivity analyses')} of "
        f"{estimand.id}{apart}, {points}; of the {len(beyond)} with an interval, {beyond.sum()} "
        f"{'excludes' if beyond.sum() == 1 else 'exclude'} zero."
    )
