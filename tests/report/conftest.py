"""Small recomputed records, made up, with every frame filled: one plain, one hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.trial import tables
from backwalk_stats.trial.result import Reproduction

NAN = float("nan")
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\" ' & $x$ \\frac #set page() *b* _i_ "
    "`c` @ref ~ [x] // = h - + / %n {{ 7*7 }} {% x %} \x1b[31m \u202e \x00 https://x.example "
    + "w"
    * 300
)


def frame(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame with exactly these columns."""
    return pd.DataFrame(rows, columns=list(columns))


def ledger_row(study_id: str, place: int, verdict: str, **changes: Any) -> dict[str, Any]:
    """Return one row of a ledger."""
    known = verdict in ("reproduced", "compatible", "not_reproduced", "inputs_inconsistent")
    row = {
        "study_id": study_id,
        "finding_id": f"{study_id}:{place}",
        "outcome": "NRS week 4",
        "contrast": "BG v CG",
        "quantity": "p_value",
        "origin": "paper",
        "reported": "<0.05",
        "recomputed": 0.0147231 if known else NAN,
        "recomputed_low": 0.0130122 if known else NAN,
        "recomputed_high": 0.0165511 if known else NAN,
        "check": "two_sample" if known else "",
        "verdict": verdict,
        "reason": "Student's t test gives t(30) = -2.589." if known else "No SD was printed.",
        "source": f"contrasts.csv line {place}; abstract",
        "inputs": "outcomes.csv lines 27, 30: 1.56 (0.63), n 16" if known else "",
        "formula": "t = (m1 - m2) / SE, df = n1 + n2 - 2" if known else "",
    }
    return row | changes


def pooled_row(outcome: str, pool: str, method: str, ci: str, left_out: str = "") -> dict[str, Any]:
    """Return one meta-analysis."""
    numbers = {
        "k": 3, "estimate": -0.93, "std_error": 0.2, "df": 2.0, "statistic": -4.6, "p_value": 0.04,
        "conf_low": -1.8, "conf_high": -0.07, "pi_low": -2.9, "pi_high": 1.1, "tau2": 0.09,
        "tau2_low": 0.0, "tau2_high": 2.1, "i2": 41.0, "q": 3.4, "q_df": 2.0, "q_p": 0.18,
    }  # fmt: skip
    names = {"outcome": outcome, "pool": pool, "left_out": left_out, "method": method, "ci": ci}
    return names | numbers


DIRECTION = {
    "outcome": "pain", "study_id": "chen2021", "label": "Chen 2021", "instrument": "NRS",
    "unit": "points", "lower_is_better": True, "n_backward": 16.0, "n_forward": 16.0,
    "estimate": -0.7, "conf_low": -1.416, "conf_high": 0.016, "p_value": 0.055, "derived": False,
}  # fmt: skip
SEARCH = {
    "date": "2026-11-30", "source": "public abstracts", "query": "backward walking knee",
    "hits": "8", "kept": "chen2021",
}  # fmt: skip


def effect_row(study_id: str, estimate: float, doubt: str = "") -> dict[str, Any]:
    """Return one standardised difference."""
    return {
        "outcome": "pain", "study_id": study_id, "label": study_id.title(), "estimate": estimate,
        "std_error": 0.35, "conf_low": estimate - 0.69, "conf_high": estimate + 0.69,
        "n_backward": 16, "n_control": 16, "backward": "1.56 (0.63)", "control": "2.25 (0.86)",
        "doubt": doubt, "source": "cochrane.csv line 3",
    }  # fmt: skip


def grim_row(study_id: str, reported: str, possible: bool) -> dict[str, Any]:
    """Return one printed mean against the means that are possible."""
    return {
        "study_id": study_id, "outcome": "pain", "arm": "BG", "n": 21, "items": 1,
        "reported": reported, "low": float(reported) - 0.005, "high": float(reported) + 0.005,
        "below": 2.8095 if not possible else float(reported), "possible": possible,
        "above": 2.8571 if not possible else float(reported), "sd_possible": "yes",
        "assumption": "whole-number scores; scale not read", "source": "outcomes.csv line 9",
    }  # fmt: skip


def claim_row(
    claim_id: str, verdict: str, text: str = "Walking backward lowers pain"
) -> dict[str, Any]:
    """Return one claim."""
    return {
        "claim_id": claim_id, "topic": "knee pain", "claim": text, "cited_source": "a journal",
        "verdict": verdict, "in_one_line": "Cited: a protocol, p = 0.055",
        "explanation": "The paper is a protocol. It holds no results.", "to_read": "Chen 2021",
        "study_ids": "chen2021;nowhere", "finding_ids": "chen2021:2;chen2021:4;gone:9",
    }  # fmt: skip


def map_row(claim_id: str, study_id: str, design: str, numbers: str) -> dict[str, Any]:
    """Return one study under one claim."""
    return {
        "claim_id": claim_id, "topic": "knee pain", "study_id": study_id,
        "label": study_id.title(), "design_class": design, "n": 32.0, "numbers": numbers,
    }  # fmt: skip


@pytest.fixture(scope="session")
def plain_record() -> Reproduction:
    """A small recomputed record with claims."""
    studies = pd.DataFrame(
        [
            {
                "study_id": name, "region": "knee",
                "short_name": f"{name[:-4].title()} {name[-4:]}",
                "full_text": "open" if name == "joshi2019" else "unknown", "read": "abstract",
                "citation": f"{name[:-4].title()} A, Other B. Trial",
                "doi": "10.1155/2021/5574966", "url": "https://example.org/a", "design": "RCT",
                "population": "knee OA", "arms": "backward (n=16); control (n=16)",
                "n_randomised": "32", "weeks": "4", "sessions_per_week": "3", "journal": "J",
                "year": name[-4:], "licence": "CC BY", "numbers_available": "yes", "note": "",
            }
            for name in ("chen2021", "joshi2019", "plan2023", "shabbir2022")
        ]
    )  # fmt: skip
    verdicts = ["reproduced", "compatible", "not_derivable", "not_reproduced"]
    rows = [ledger_row("chen2021", place, v) for place, v in enumerate(verdicts, start=2)]
    rows[2]["outcome"] = "NRS week 8"
    rows += [
        ledger_row("chen2021", 2, "reproduced", quantity="estimate", reported="-0.89",
                   recomputed=-0.8923, recomputed_low=-0.91, recomputed_high=-0.87),
        ledger_row("joshi2019", 9, "inputs_inconsistent", quantity="mean", reported="2.85",
                   recomputed=NAN, recomputed_low=NAN, recomputed_high=NAN),
        ledger_row("plan2023", 12, "no_results", quantity="results", reported=""),
    ]  # fmt: skip
    effects = [effect_row("chen2021", -0.89), effect_row("joshi2019", -2.2, "mean impossible")]
    effects += [effect_row("shabbir2022", -1.3)]
    weights = [
        {key: row[key] for key in ("outcome", "study_id", "label", "estimate", "conf_low",
                                   "conf_high", "doubt")}
        | {"pool": "backward trials", "method": "reml", "weight": 100 / 3}
        for row in effects
    ]  # fmt: skip
    choices = [("common", "z"), ("dl", "z"), ("dl", "hksj"), ("pm", "hksj"), ("reml", "z")]
    choices += [("reml", "hksj")]
    pooled = [pooled_row("pain", "backward trials", *choice) for choice in choices]
    pooled += [pooled_row("pain", "backward trials", "reml", "hksj", left_out="joshi2019")]
    power = [
        {"study_id": "plan2023", "n_per_arm": 13, "effect_size": d / 10, "level": 0.05,
         "power": min(1.0, 0.05 + d * d / 250)}
        for d in range(21)
    ]  # fmt: skip
    designs = [{"study_id": "plan2023", "label": "Plan 2023", "n_per_arm": 13,
                "detectable_80": 1.14, "detectable_90": 1.32}]  # fmt: skip
    return Reproduction(
        studies=studies,
        ledger=frame(tables.LEDGER, rows),
        claims=frame(
            tables.CLAIMS,
            [claim_row("N1", "source_does_not_carry_it"), claim_row("N2", "holds")],
        ),
        effects=frame(tables.EFFECTS, effects),
        directions=frame(tables.DIRECTIONS, [DIRECTION]),
        searches=frame(tables.SEARCHES, [SEARCH]),
        pooled=frame(tables.POOLED, pooled),
        weights=frame(tables.WEIGHTS, weights),
        grim=frame(tables.GRIM, [grim_row("joshi2019", "2.85", False),
                                 grim_row("chen2021", "2.00", True)]),
        power=frame(tables.POWER, power),
        designs=frame(tables.DESIGNS, designs),
        evidence_map=frame(
            tables.EVIDENCE_MAP,
            [
                map_row("N1", "chen2021", "randomised, backward v forward", "recomputable"),
                map_row("N2", "plan2023", "protocol", "none"),
            ],
        ),
        record="a made-up record",
        sources={"studies.csv": "ab" * 32},
    )  # fmt: skip


@pytest.fixture(scope="session")
def hostile_record(plain_record: Reproduction) -> Reproduction:
    """The same record with hostile words wherever a record can hold words."""
    ledger = plain_record.ledger.copy()
    for column in ("outcome", "contrast", "reason", "source", "inputs", "formula", "quantity"):
        ledger[column] = HOSTILE
    ledger["reported"] = '=HYPERLINK("https://x.example")'
    ledger["finding_id"] = [f"../../{HOSTILE}:{place}" for place in range(len(ledger))]
    claims = plain_record.claims.copy()
    for column in (
        "topic",
        "claim",
        "cited_source",
        "explanation",
        "verdict",
        "in_one_line",
        "to_read",
    ):
        claims[column] = HOSTILE
    claims["finding_ids"] = ledger["finding_id"].iloc[0]
    studies = plain_record.studies.assign(
        citation=HOSTILE, design=HOSTILE, n_randomised=HOSTILE, licence=HOSTILE, short_name=HOSTILE
    )
    studies["doi"] = ""
    studies["url"] = "javascript:alert(3)"
    effects = plain_record.effects.assign(label=HOSTILE, backward=HOSTILE, doubt=HOSTILE)
    return replace(
        plain_record,
        ledger=ledger,
        claims=claims,
        studies=studies,
        effects=effects,
        weights=plain_record.weights.assign(label=HOSTILE, doubt=HOSTILE),
        directions=plain_record.directions.assign(label=HOSTILE, unit=HOSTILE, instrument=HOSTILE),
        searches=plain_record.searches.assign(source=HOSTILE, query=HOSTILE, kept=HOSTILE),
        grim=plain_record.grim.assign(outcome=HOSTILE, arm=HOSTILE, assumption=HOSTILE),
        designs=plain_record.designs.assign(label=HOSTILE),
        evidence_map=plain_record.evidence_map.assign(topic=HOSTILE, label=HOSTILE),
        record=HOSTILE,
    )


@pytest.fixture(scope="session")
def empty_record(plain_record: Reproduction) -> Reproduction:
    """A record in which nothing was found."""
    names: tuple[str, ...] = ("studies", "ledger", "claims", "effects", "pooled", "weights", "grim")
    names += ("power", "designs", "evidence_map", "directions", "searches")
    nothing = {name: getattr(plain_record, name).iloc[:0] for name in names}
    return replace(plain_record, **nothing, sources={})
