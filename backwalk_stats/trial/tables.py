"""The columns of every table that travels between rooms: the only home of column names."""

from __future__ import annotations


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


LEDGER = _names(
    "study_id finding_id outcome contrast quantity origin reported recomputed recomputed_low "
    "recomputed_high check verdict reason source inputs formula"
)
CLAIMS = _names(
    "claim_id topic claim short_claim cited_source verdict in_one_line explanation to_read "
    "study_ids finding_ids"
)
EFFECTS = _names(
    "outcome study_id label estimate conf_low conf_high std_error n_backward n_control backward "
    "control doubt source"
)
DIRECTIONS = _names(
    "outcome study_id label instrument unit lower_is_better n_backward n_forward estimate conf_low "
    "conf_high p_value derived"
)
SEARCHES = _names("date source query hits kept")
META = _names(
    "method ci k estimate conf_low conf_high p_value std_error df statistic pi_low pi_high tau2 "
    "tau2_low tau2_high i2 q q_df q_p"
)
POOLED = ("outcome", "pool", "left_out", *META)
WEIGHTS = _names("outcome pool method study_id label estimate conf_low conf_high weight doubt")
GRIM = _names(
    "study_id outcome arm n items reported low high below above possible sd_possible assumption "
    "source"
)
POWER = _names("study_id n_per_arm effect_size power level")
DESIGNS = _names("study_id label n_per_arm detectable_80 detectable_90")
POWER_RESULTS = _names(
    "scenario per_arm estimand analysis quantity value mc_se conf_low conf_high replicates note"
)
NEEDED = _names("scenario estimand target_power per_arm conf_low conf_high note")
POWER_MISSING = _names("scenario per_arm arm visit declared simulated")
POWER_FITS = _names("scenario per_arm hypothesis estimand kind what count")
CLOSED_FORMS = _names("scenario per_arm estimand power formula note")
EVIDENCE_MAP = _names("claim_id topic study_id label design_class n numbers")

# The analysis of a trial. What a reader asks first stands first: nothing scrolls out of sight.
ESTIMATES = _names("estimate conf_low conf_high p_value std_error df statistic")
TRIAL_DATA = _names("participant arm visit outcome value")
RESULTS = (
    *_names("analysis estimand outcome visit arm contrast quantity"),
    *ESTIMATES,
    *_names("p_adjusted n n_reference role note planned"),
)
TESTS_TOGETHER = _names("step estimand weight share p_value p_adjusted")
LOAD_LOG = _names("file column level action count")
FLOW = _names("stage arm reason n")
EVENTS = _names("participant kind visit")
EVENT_COUNTS = _names("kind strategy arm n n_affected")
VALUES_BY_EVENT = _names("visit arm n n_measured n_set_aside n_worst n_carried n_missing")
BASELINE = _names("variable level kind arm n n_missing mean sd median q1 q3 count percent")
MISSINGNESS = _names("outcome visit arm n n_observed n_missing percent_missing")
MEANS = _names("outcome visit week arm kind n estimate sd conf_low conf_high")
CHANGES = _names("participant arm outcome visit baseline value change percent_change")
FOREST = _names("group label n n_reference estimate conf_low conf_high p_value")
TIPPING = _names("delta delta_reference estimate conf_low conf_high p_value")
RESIDUALS = _names("participant arm visit fitted residual normalised quantile")
ANCOVA_LINES = _names("arm baseline estimate conf_low conf_high")
DENSITY = _names("arm value density")
BOX = _names("arm n p5 q1 median q3 p95 mean conf_low conf_high")
DIFFERENCE_CURVE = _names("value density")
RESPONSE_CURVE = _names("arm threshold percent n")
RESPONDERS = _names("rule arm events n percent conf_low conf_high")
CATEGORIES = _names("arm category n percent")
HARMS = _names("kind term arm n people percent events weeks rate rate_low rate_high")
SESSIONS = _names("arm session attended missed withdrawn n")
RESIDUAL_QUANTILES = _names("probability normal residual")
RESIDUAL_BINS = _names("fitted residual low high n")

# Motion.
FEATURES = _names("participant arm visit direction feature value n_cycles")
CURVES = _names("participant arm visit direction signal node value")
CYCLES = _names("participant visit direction recording signal cycle odd node value")
GAIT_EVENTS = _names("participant visit direction file side event time source")  # seconds
RECORDINGS = _names(
    "file participant visit direction surface n_cycles gaps_filled gaps_left cycles_left_out "
    "events note"
)
CURVE_TEST = _names(
    "test signal direction visit contrast node estimate conf_low conf_high p_value std_error "
    "statistic threshold"
)
CLUSTERS = _names("test signal direction visit contrast method start end peak p_value")
MEAN_CURVES = _names("signal direction visit arm node n estimate conf_low conf_high")
COUPLING_OVER_CYCLE = _names("coupling direction visit arm node pattern percent n")
COUPLING_ROSE = _names("coupling direction visit arm angle percent n")
COUPLING_SHARES = _names(
    "coupling direction visit arm pattern share_of_steps share_of_mean_angle without_direction n"
)
FEATURE_TESTS = _names(
    "feature direction visit contrast estimate conf_low conf_high p_value std_error df statistic "
    "p_adjusted n_arm n_reference method"
)
DETECTABLE_CHANGE = _names("feature direction sem mdc n df source")
