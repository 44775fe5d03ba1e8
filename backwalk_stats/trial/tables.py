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

# The analysis of a trial.
ESTIMATES = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
TRIAL_DATA = ("participant", "arm", "visit", "outcome", "value")
RESULTS = (
    "analysis",
    "estimand",
    "outcome",
    "visit",
    "arm",
    "contrast",
    "quantity",
    *ESTIMATES,
    "p_adjusted",
    "n",
    "n_reference",
    "role",
    "note",
)
LOAD_LOG = ("file", "column", "level", "action", "count")
FLOW = ("stage", "arm", "reason", "n")
BASELINE = (
    "variable",
    "level",
    "kind",
    "arm",
    "n",
    "n_missing",
    "mean",
    "sd",
    "median",
    "q1",
    "q3",
    "count",
    "percent",
)
MISSINGNESS = ("outcome", "visit", "arm", "n", "n_observed", "n_missing", "percent_missing")
MEANS = ("outcome", "visit", "week", "arm", "kind", "n", "estimate", "sd", "conf_low", "conf_high")
CHANGES = (
    "participant",
    "arm",
    "outcome",
    "visit",
    "baseline",
    "value",
    "change",
    "percent_change",
)
FOREST = ("group", "label", "n", "n_reference", "estimate", "conf_low", "conf_high", "p_value")
TIPPING = ("delta", "delta_reference", "estimate", "conf_low", "conf_high", "p_value")
RESIDUALS = ("participant", "arm", "visit", "fitted", "residual", "normalised", "quantile")
ANCOVA_LINES = ("arm", "baseline", "estimate", "conf_low", "conf_high")
DENSITY = ("arm", "value", "density")
BOX = ("arm", "n", "p5", "q1", "median", "q3", "p95", "mean", "conf_low", "conf_high")
DIFFERENCE_CURVE = ("value", "density")
RESPONSE_CURVE = ("arm", "threshold", "percent", "n")
RESPONDERS = ("rule", "arm", "events", "n", "percent", "conf_low", "conf_high")
SESSIONS = ("arm", "session", "attended", "missed", "withdrawn", "n")
RESIDUAL_QUANTILES = ("probability", "normal", "residual")
RESIDUAL_BINS = ("fitted", "residual", "low", "high", "n")

# Motion.
FEATURES = ("participant", "arm", "visit", "direction", "feature", "value", "n_cycles")
CURVES = ("participant", "arm", "visit", "direction", "signal", "node", "value")
CYCLES = (
    "participant",
    "visit",
    "direction",
    "recording",
    "signal",
    "cycle",
    "odd",
    "node",
    "value",
)
CURVE_TEST = (
    "test",
    "signal",
    "direction",
    "visit",
    "contrast",
    "node",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "statistic",
    "threshold",
    "p_value",
)
CLUSTERS = (
    "test",
    "signal",
    "direction",
    "visit",
    "contrast",
    "method",
    "start",
    "end",
    "peak",
    "p_value",
)
MEAN_CURVES = (
    "signal",
    "direction",
    "visit",
    "arm",
    "node",
    "n",
    "estimate",
    "conf_low",
    "conf_high",
)
COUPLING_OVER_CYCLE = (
    "coupling",
    "direction",
    "visit",
    "arm",
    "node",
    "pattern",
    "percent",
    "n",
)
COUPLING_ROSE = ("coupling", "direction", "visit", "arm", "angle", "percent", "n")
