"""Frames for the figures' tests: realistic, hostile, long, and empty."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from backwalk_stats.trial import tables

HOSTILE = (
    "$x^2$ \\frac{a}{b}",
    "<script>alert(1)</script> & <b>",
    "100 % _under_ {brace} ~ # ^ `tick`",
    "=HYPERLINK(1)\x07\x1b[31m\nsecond line",
    "Wort" * 80,
    "a very long label of many words " * 12,
    "知るか 2021 😀 \u202edrow",
    "",
)
VERDICTS = (
    "reproduced",
    "compatible",
    "not_reproduced",
    "inputs_inconsistent",
    "not_derivable",
    "no_results",
)


def names(count: int, *, hostile: bool) -> list[str]:
    """Return labels, ordinary or hostile."""
    return [HOSTILE[i % len(HOSTILE)] if hostile else f"Author {2000 + i}" for i in range(count)]


def ledger(count: int = 60, *, hostile: bool = False) -> pd.DataFrame:
    """Return a ledger with every verdict and several quantities."""
    label = names(count, hostile=hostile)
    quantities = ("p_value", "estimate", "conf_low", "df", "percent")
    printed = ("<0.05", "0.014", "-1.23", "P < .04", "0.000", ">0.05", "11.7% slower", "28")
    rows = []
    for i in range(count):
        verdict = VERDICTS[i % len(VERDICTS)]
        known = verdict not in ("not_derivable", "no_results")
        value = 0.0003 + 0.004 * (i % 11) if i % 5 == 0 else -1.2 + 0.3 * i
        rows.append(
            {
                "study_id": f"study{i % 17}" + ("$_<" if hostile else ""),
                "finding_id": f"f{i}",
                "outcome": label[i],
                "contrast": label[-1 - i],
                "quantity": quantities[i % len(quantities)],
                "origin": ("paper", "review", "collector")[i % 3],
                "reported": printed[i % len(printed)] if i % 13 else label[i],
                "recomputed": value if known else nan,
                "recomputed_low": value * 0.8 if known and i % 4 else nan,
                "recomputed_high": value * 1.3 if known and i % 4 else nan,
                "check": "two_sample",
                "verdict": verdict,
                "reason": label[i],
                "source": "contrasts.csv line 2",
                "inputs": "",
                "formula": "",
            }
        )
    return pd.DataFrame(rows, columns=list(tables.LEDGER))


def effects(count: int = 6, *, hostile: bool = False) -> pd.DataFrame:
    """Return study-level effects of two outcomes, some of them in doubt."""
    label = names(count, hostile=hostile)
    rows = [
        {
            "outcome": outcome,
            "study_id": f"study{i}",
            "label": label[i],
            "estimate": -0.2 - 0.25 * (i % 6),
            "std_error": 0.3,
            "conf_low": -0.8 - 0.25 * (i % 6) - (40 if hostile and i == 2 else 0),
            "conf_high": 0.4 - 0.25 * (i % 6),
            "n_backward": 16.0,
            "n_control": 15.0 if i else nan,
            "backward": "1.56 (0.63)" if i != 1 else label[i],
            "control": "2.25 (0.86)",
            "doubt": f"{label[i]} is why" if i % 3 == 1 else "",
            "source": "",
        }
        for outcome in ("pain", "function")
        for i in range(count)
    ]
    return pd.DataFrame(rows, columns=list(tables.EFFECTS))


def pooled(count: int = 6, *, hostile: bool = False) -> pd.DataFrame:
    """Return pooled effects over methods, intervals, pools and trials left out."""
    second = HOSTILE[4] if hostile else "backward trials"
    rows = []
    for outcome in ("pain", "function"):
        for place, pool in enumerate(("with rows in doubt", second)):
            for method in ("common", "dl", "pm", "reml"):
                for ci in ("z", "hksj"):
                    for left_out in ("", "study1"):
                        half = 0.5 if ci == "z" else 0.9
                        alone = method == "common"
                        rows.append(
                            {
                                "outcome": outcome,
                                "pool": pool,
                                "left_out": left_out,
                                "method": method,
                                "ci": ci,
                                "k": count - place,
                                "estimate": -0.9 - 0.1 * place,
                                "std_error": 0.25,
                                "df": np.inf if ci == "z" else count - 1.0 - place,
                                "statistic": -3.6,
                                "p_value": 0.0123,
                                "conf_low": -0.9 - half,
                                "conf_high": -0.9 + half,
                                "pi_low": nan if alone else -2.4,
                                "pi_high": nan if alone else 0.6,
                                "tau2": 0.0 if alone else 0.37,
                                "tau2_low": nan if alone else 0.05,
                                "tau2_high": nan if alone else 3.12,
                                "i2": 75.7,
                                "q": 16.45,
                                "q_df": count - 1.0,
                                "q_p": 0.0025,
                            }
                        )
    return pd.DataFrame(rows, columns=list(tables.POOLED))


def weights(count: int = 6, *, hostile: bool = False) -> pd.DataFrame:
    """Return the weights that belong to `effects`."""
    frame = effects(count, hostile=hostile)
    frame["pool"], frame["method"] = "with rows in doubt", "reml"
    frame["weight"] = 100.0 / count
    return frame[list(tables.WEIGHTS)]


def grim(count: int = 12, *, hostile: bool = False) -> pd.DataFrame:
    """Return printed means, possible, impossible and not testable."""
    label = names(count, hostile=hostile)
    rows = []
    for i in range(count):
        n = 21.0 if i % 5 else 400.0
        mean = 2.85 + 0.11 * i
        text = f"{mean:.2f}"
        low, high = float(text) - 0.005, float(text) + 0.005
        below, above = np.floor(mean * n) / n, np.ceil(mean * n) / n
        rows.append(
            {
                "study_id": f"study{i}",
                "outcome": label[i],
                "arm": label[-1 - i],
                "n": n,
                "items": 1.0 if i % 2 else nan,
                "reported": text,
                "low": low,
                "high": high,
                "below": below,
                "above": above,
                "possible": bool(below >= low or above <= high),
                "sd_possible": ("yes", "no", "")[i % 3],
                "assumption": "whole-number scores; scale not read",
                "source": "outcomes.csv line 3",
            }
        )
    return pd.DataFrame(rows, columns=list(tables.GRIM))


def power(count: int = 1, *, hostile: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return power curves and what the designs can find."""
    label = names(count, hostile=hostile)
    d = np.linspace(0.0, 2.0, 41)
    curves = [
        pd.DataFrame(
            {
                "study_id": f"study{i}",
                "n_per_arm": 13.0,
                "effect_size": d,
                "power": 0.05 + 0.95 * (1 - np.exp(-(d**2))),
                "level": 0.05,
            }
        )
        for i in range(count)
    ]
    designs = pd.DataFrame(
        {
            "study_id": [f"study{i}" for i in range(count)],
            "label": label,
            "n_per_arm": 13.0,
            "detectable_80": 1.147,
            "detectable_90": 1.327,
        },
        columns=list(tables.DESIGNS),
    )
    return pd.concat(curves)[list(tables.POWER)], designs


def evidence_map(count: int = 24, *, hostile: bool = False) -> pd.DataFrame:
    """Return claims with studies of several kinds behind them."""
    kinds = (
        "protocol",
        "randomised, backward v forward",
        "randomised, backward added or v control",
        "single session",
        "within-person experiment",
        "review",
    )
    label = names(count, hostile=hostile)
    rows = [
        {
            "claim_id": f"N{i // 5}",
            "topic": label[i // 5] if hostile else "knee pain",
            "study_id": f"study{i}",
            "label": label[i],
            "design_class": label[4] if hostile and i == 4 else kinds[i % len(kinds)],
            "n": (26.0, 68.0, nan, 483.0)[i % 4],
            "numbers": ("recomputable", "printed only", "none")[i % 3],
        }
        for i in range(count)
    ]
    return pd.DataFrame(rows, columns=list(tables.EVIDENCE_MAP))


def empty(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame without rows."""
    return pd.DataFrame(columns=list(columns))
