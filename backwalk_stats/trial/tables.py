"""The columns of every table that travels between rooms: the only home of column names."""

from __future__ import annotations

LEDGER = (
    "study_id",
    "finding_id",
    "outcome",
    "contrast",
    "quantity",
    "reported",
    "recomputed",
    "recomputed_low",
    "recomputed_high",
    "check",
    "verdict",
    "reason",
    "source",
    "inputs",
    "formula",
)
CLAIMS = (
    "claim_id",
    "topic",
    "claim",
    "cited_source",
    "verdict",
    "explanation",
    "study_ids",
    "finding_ids",
)
EFFECTS = (
    "outcome",
    "study_id",
    "label",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "n_backward",
    "n_control",
    "backward",
    "control",
    "doubt",
    "source",
)
META = (
    "method",
    "ci",
    "k",
    "estimate",
    "std_error",
    "df",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "pi_low",
    "pi_high",
    "tau2",
    "tau2_low",
    "tau2_high",
    "i2",
    "q",
    "q_df",
    "q_p",
)
POOLED = ("outcome", "pool", "left_out", *META)
WEIGHTS = (
    "outcome",
    "pool",
    "method",
    "study_id",
    "label",
    "estimate",
    "conf_low",
    "conf_high",
    "weight",
    "doubt",
)
GRIM = (
    "study_id",
    "outcome",
    "arm",
    "n",
    "items",
    "reported",
    "low",
    "high",
    "below",
    "above",
    "possible",
    "sd_possible",
    "assumption",
    "source",
)
POWER = ("study_id", "n_per_arm", "effect_size", "power", "level")
DESIGNS = ("study_id", "label", "n_per_arm", "detectable_80", "detectable_90")
EVIDENCE_MAP = ("claim_id", "topic", "study_id", "label", "design_class", "n", "numbers")
