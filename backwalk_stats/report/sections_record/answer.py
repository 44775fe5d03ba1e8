"""The answer, first: what the record can say with numbers, the claims, and the counts by origin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from backwalk_stats.figures import answer_forest
from backwalk_stats.ledger.pools import BASE, WITHOUT_MERGED
from backwalk_stats.ledger.reading.vocabulary import walks_backward, walks_forward
from backwalk_stats.report.document import badges, document, drawing, text
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import Row, frame_rows, interval_text, number, percent
from backwalk_stats.tables.record_counts import counts_sentence, in_words
from backwalk_stats.trial.result import Reproduction

ORDER = 10
TITLE = "What the record can say with numbers"
OUTCOMES = ("pain", "function")  # which outcome answers, where both were pooled
SMALL_TRIAL = 100
DISAGREEMENT = 50.0  # percent of I² from which trials are said to disagree
_REGIONS = {"knee": "knee ", "lumbar": "back "}
_LOWER = {"pain": ("less", "pain", "more"), "function": ("better", "function", "worse")}


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledAnswer:
    """The one thing that the record can say with numbers.

    Attributes
    ----------
    outcome : str
    pool : mapping
        The row of `tables.POOLED`: REML, Hartung-Knapp.
    trials : DataFrame
        The trials of the pool (`tables.EFFECTS`).
    without : mapping or None
        The same pool without merged arms.
    directions : list of mapping
        Comparisons of backward with forward walking on the outcome (`tables.DIRECTIONS`).
    region, people : str
        The part of the body in words, "" where trials differ; whom the trials studied.
    added : bool
        Whether every trial added backward walking to other care.
    """

    outcome: str
    pool: Row
    trials: pd.DataFrame
    without: Row | None
    directions: list[Row]
    region: str
    people: str
    added: bool

    @property
    def size(self) -> int:
        """Return the number of people in all trials."""
        return int(self.trials[["n_backward", "n_control"]].sum().sum())


def section(reproduction: Reproduction) -> document.Section:
    """Return the first section of the report."""
    main = main_answer(reproduction)
    blocks: list[document.Block] = []
    if main is not None:
        blocks += [_opening(main), _picture(main, reproduction)]
    if len(reproduction.claims):
        blocks.append(_claim_lines(reproduction.claims))
    title = TITLE if main is not None else "The answer"
    blocks.append(document.Paragraph(content=_counts(reproduction)))
    return document.Section(id="answer", title=title, short="Answer", blocks=tuple(blocks))


def main_answer(reproduction: Reproduction) -> PooledAnswer | None:
    """Return what the record says of pain, else of function; None where nothing was pooled.

    A report on some of the studies answers for a pool only where it holds all of its trials.
    """
    pooled, effects, weights = reproduction.pooled, reproduction.effects, reproduction.weights
    for outcome in OUTCOMES:
        pool = _pool(pooled, outcome, BASE)
        if pool is None:
            continue
        held = weights.loc[(weights["outcome"] == outcome) & (weights["pool"] == BASE), "study_id"]
        trials = effects[(effects["outcome"] == outcome) & effects["study_id"].isin(held)]
        if trials.empty or not set(trials["study_id"]) <= set(reproduction.studies["study_id"]):
            continue
        studies = reproduction.studies
        mine = studies[studies["study_id"].isin(trials["study_id"])]
        told = reproduction.directions
        return PooledAnswer(
            outcome=outcome,
            pool=pool,
            trials=trials,
            without=_pool(pooled, outcome, WITHOUT_MERGED),
            directions=_alike(frame_rows(told[told["outcome"] == outcome])),
            region=_region(mine),
            people=_people(mine),
            added=len(mine) > 0 and all(_adds_walking(str(arms)) for arms in mine["arms"]),
        )
    return None


def _alike(directions: list[Row]) -> list[Row]:
    """Return the comparisons whose better side is that of the first."""
    return [row for row in directions if row["lower_is_better"] == directions[0]["lower_is_better"]]


def _pool(pooled: pd.DataFrame, outcome: str, name: str) -> Row | None:
    """Return a pool by REML with the Hartung-Knapp interval."""
    chosen = (pooled["outcome"] == outcome) & (pooled["pool"] == name) & (pooled["left_out"] == "")
    chosen &= (pooled["method"] == "reml") & (pooled["ci"] == "hksj")
    return next(iter(frame_rows(pooled[chosen])), None)


def _region(studies: pd.DataFrame) -> str:
    """Return the part of the body that all studies are about, "" where they differ."""
    regions = set(studies["region"]) if "region" in studies else set()
    return _REGIONS.get(next(iter(regions)), "") if len(regions) == 1 else ""


def _adds_walking(arms: str) -> bool:
    """Tell whether a study joins backward walking to other care, and an arm has no such walking.

    >>> _adds_walking("retro walking + usual care; usual care"), _adds_walking("backward; forward")
    (True, False)
    """
    parts = arms.replace("|", ";").split(";")
    joined = any(walks_backward(arm) and "+" in arm for arm in parts)
    return joined and any(not (walks_backward(arm) or walks_forward(arm)) for arm in parts)


def _people(studies: pd.DataFrame) -> str:
    """Return whom the trials studied, as far as all of them say the same."""
    populations = studies["population"] if "population" in studies else pd.Series(dtype=object)
    words = [set(re.findall(r"\w+", str(population))) for population in populations]
    ill = bool(words) and all({"OA", "osteoarthritis"} & said for said in words)
    if ill and _region(studies).strip() == "knee":
        return "people with knee osteoarthritis"
    return "people with osteoarthritis" if ill else "people"


# The words: what holds, for whom, how sure, and what it is not.


def _opening(main: PooledAnswer) -> document.Opening:
    return document.Opening(
        answer=f"{_held(main)} {_direction_answer(main.directions)}",
        entries=(_kept(_size(main)), _kept(_against(main))),
    )


def _kept(content: document.Text) -> document.Text:
    """Return running text whose numbers do not break over a line."""
    return tuple(text.unbroken(part) if isinstance(part, str) else part for part in content)


def _held(main: PooledAnswer) -> str:
    """Return the first sentence of the answer."""
    lower, noun, higher = _LOWER[main.outcome]
    what = "Backward walking added to usual care" if main.added else "Backward walking"
    low, high = float(main.pool["conf_low"]), float(main.pool["conf_high"])
    if low <= 0 <= high or not isfinite(low + high):
        return f"Whether {what[:1].lower()}{what[1:]} changes {main.region}{noun} is not shown."
    way = lower if high < 0 else higher
    return f"{what} went with {way} {main.region}{noun}."


def _direction_answer(directions: Sequence[Row]) -> str:
    """Return whether backward was shown to beat forward."""
    if not directions:
        return "Whether backward beats forward was not tested."
    lower = sum(float(row["conf_high"]) < 0 for row in directions)
    higher = sum(float(row["conf_low"]) > 0 for row in directions)
    better, worse = (lower, higher) if directions[0]["lower_is_better"] else (higher, lower)
    if better == len(directions):
        return "Backward beat forward where both were compared."
    if worse == len(directions):
        return "Forward beat backward where both were compared."
    return "Whether backward beats forward is not shown."


def _size(main: PooledAnswer) -> document.Text:
    """Return how large, for how many people, and how sure."""
    pool, k = main.pool, int(main.pool["k"])
    small = " small" if _largest(main.trials) <= SMALL_TRIAL else ""
    between = f"I² {percent(pool['i2'], 0)}"
    disagree = float(pool["i2"]) >= DISAGREEMENT
    parts: list[document.Inline] = [
        f"{sentence_case(in_words(k))}{small} trials, {main.size} {main.people}: standardised "
        "difference (SMD) ",
        document.Strong(text=_interval(pool)),
        f", in standard deviations of the {main.outcome} score; below zero is "
        f"{_LOWER[main.outcome][0]} {_LOWER[main.outcome][1]}. ",
        f"The trials disagree ({between})" if disagree else f"Between the trials {between}",
    ]
    if isfinite(float(pool["pi_low"])):
        ends = interval_text(pool["pi_low"], pool["pi_high"])
        sides = float(pool["pi_low"]) < 0 < float(pool["pi_high"])
        both = ", on either side of no difference" if sides else ""
        parts.append(f": a further trial could lie anywhere from {ends}{both}")
    return (*parts, ".")


def _largest(trials: pd.DataFrame) -> float:
    return float((trials["n_backward"] + trials["n_control"]).max())


def _interval(row: Row, digits: int = 2) -> str:
    """Return an estimate with its interval, in brackets."""
    ends = interval_text(row["conf_low"], row["conf_high"], digits)
    return f"{number(row['estimate'], digits)} ({ends})"


def _against(main: PooledAnswer) -> document.Text:
    """Return what was compared in these trials, and the comparisons of direction beside them."""
    all_of_them = f"All {in_words(int(main.pool['k']))}"
    if main.added:
        said: document.Text = (
            f"{all_of_them} set ",
            document.Strong(text="more walking against no added walking"),
            "; none of these differences is one of direction.",
        )
    else:
        said = ("What the comparison groups did differs from trial to trial.",)
    if not main.directions:
        return (*said, " No trial prints enough to compare backward with forward walking.")
    one = len(main.directions) == 1
    lead = (
        "One trial lets" if one else f"{sentence_case(in_words(len(main.directions)))} trials let"
    )
    shown = "; ".join(_direct(row) for row in main.directions)
    return (*said, f" {lead} backward and forward be compared: {shown}.")


def _direct(row: Row) -> str:
    """Return a comparison of backward with forward walking."""
    scale = f" on the {row['instrument']}" if str(row["instrument"]) else ""
    unit = f" {row['unit']}" if str(row["unit"]) else ""
    derived = ", its arms recovered from a merged one" if row["derived"] else ""
    ends = interval_text(row["conf_low"], row["conf_high"])
    return f"{row['label']}, {number(row['estimate'])}{unit}{scale} ({ends}){derived}"


def _picture(main: PooledAnswer, reproduction: Reproduction) -> document.FigureBlock:
    what = "walking added to usual care against none added" if main.added else "backward walking"
    caption = (
        f"{sentence_case(main.outcome)}, {what}. An SMD of 0.2 is called small, one of 0.8 large. "
        "Pooled by REML, interval by Hartung–Knapp; dotted: prediction interval."
    )
    doubts = [str(doubt) for doubt in dict.fromkeys(main.trials["doubt"]) if str(doubt)]
    if doubts:
        without = f"; without it {_interval(main.without)}" if main.without is not None else ""
        caption += f" * In doubt: {'; '.join(doubts)}{without}."
    return drawing.picture(
        answer_forest,
        main.trials,
        reproduction.pooled,
        name="answer",
        caption=caption,
        narrow=True,
        outcome=main.outcome,
        pool=BASE,
    )


def _claim_lines(claims: pd.DataFrame) -> document.ClaimLines:
    """Return a line for every claim, in the order of the article."""
    count = len(claims)
    return document.ClaimLines(
        id="claim-lines",
        title=f"{sentence_case(in_words(count))} claim{'s' * (count != 1)} of one news article",
        tallies=badges.claim_tallies(claims),
        rows=tuple(
            document.ClaimLine(
                label=str(row["claim_id"]),
                claim=str(row["short_claim"] or row["claim"]),
                badge=badges.claim_badge(str(row["verdict"])),
                line=text.unbroken(text.typeset(str(row["in_one_line"]))),
                target=f"#claim-{text.slug(str(row['claim_id']))}",
            )
            for row in frame_rows(claims)
        ),
    )


def _counts(reproduction: Reproduction) -> document.Text:
    """Return the counts of the ledger by origin, in one sentence or two."""
    if not len(reproduction.ledger):
        return ("The record holds no printed number that could be looked at.",)
    return (
        f"{counts_sentence(reproduction.ledger)} Why, row by row: ",
        document.Link(text="the ledger", target="#ledger"),
        ", and ",
        document.Link(text="what does not hold", target="#does-not-hold"),
        ".",
    )
