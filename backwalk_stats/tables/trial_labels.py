"""Words for the codes of an analysed trial: analyses, quantities, roles, and where zero is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backwalk_stats.tables.labels import sentence_case, words_for

if TYPE_CHECKING:
    from backwalk_stats.trial.outcome import Outcome

ANALYSES = {
    "within-arm": "Change within each arm",
    "change-score": "Difference in change",
    "ancova": "ANCOVA",
    "mmrm": "Mixed model (MMRM)",
    "constrained-longitudinal": "Constrained longitudinal model",
    "random-slope": "Random slopes",
    "responder": "Responders",
    "rank-based": "Ranks (Wilcoxon–Mann–Whitney)",
    "mixed-anova": "Mixed ANOVA",
    "adjusted-risk": "Comparison of risks",
    "ordinal": "Proportional odds",
    "rate-ratio": "Negative binomial rates",
    "gee": "Estimating equations (GEE)",
    "missing-as-failure": "Missing as failure",
    "best-case": "Best case of the missing",
    "worst-case": "Worst case of the missing",
    "crossover": "Crossover",
    "multiple-imputation": "Multiple imputation",
    "jump-to-reference": "Imputed: jump to reference",
    "copy-reference": "Imputed: copy reference",
    "copy-increments": "Imputed: copy increments in reference",
    "last-mean-carried-forward": "Imputed: last mean carried forward",
    "tipping-point": "Tipping point",
    "per-protocol": "Per protocol",
    "as-treated": "As treated",
    "bootstrap": "Bootstrap",
    "permutation": "Permutation",
    "cluster-robust": "Cluster-robust errors",
    "subgroup": "Subgroup",
    "baseline": "Baseline",
    "flow": "Participant flow",
    "missingness": "Missing values",
    "adherence": "Adherence",
    "harms": "Harms",
}
EFFECTS = {
    "mean_difference": "Difference of means",
    "adjusted_mean": "Adjusted mean",
    "mean_change": "Mean change",
    "change_difference": "Difference of mean changes",
    "standardised_difference": "Standardised difference (Hedges g)",
    "d_z": "dz (change in SDs of the change)",
    "d_av": "dav (change in SDs of the scores)",
    "d_ppc": "dppc (difference of changes in SDs at baseline)",
    "hodges_lehmann": "Shift (Hodges–Lehmann)",
    "probability_of_superiority": "Probability of a higher value",
    "risk_difference": "Difference of percentages",
    "risk_ratio": "Ratio of percentages",
    "non_inferiority": "Test of non-inferiority",
    "equivalence": "Test of equivalence",
    "nnt": "Number needed to treat",
    "risk": "Risk",
    "odds_ratio": "Odds ratio",
    "rate": "Rate",
    "harm_rate": "Events per 100 person-weeks",
    "rate_ratio": "Rate ratio",
    "dispersion": "Dispersion",
    "proportional_odds": "Test of proportional odds",
    "percent": "Per cent",
    "slope_difference": "Difference of slopes",
    "f_statistic": "F",
    "period_effect": "Period effect",
    "carry_over": "Carry-over",
}
IN_UNITS = (
    "mean_difference",
    "adjusted_mean",
    "mean_change",
    "change_difference",
    "hodges_lehmann",
    "period_effect",
    "carry_over",
    "slope_difference",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What a table of several outcomes or visits calls them.

    Attributes
    ----------
    arms, visits : mapping of str to str
        Name to label, in order; the reference arm first.
    outcomes : mapping of str to Outcome
        Those of the trial by name, for labels, units and directions.
    """

    arms: Mapping[str, str]
    visits: Mapping[str, str]
    outcomes: Mapping[str, Outcome]

    def outcome(self, name: object) -> str:
        """Return an outcome as readers see it; one that is not known has its name in words."""
        known = self.outcomes.get(str(name))
        return known.label if known else sentence_case(str(name).replace("_", " "))

    def unit(self, name: object) -> str:
        """Return the unit of an outcome; "" where it has none or is not known."""
        known = self.outcomes.get(str(name))
        return known.unit if known else ""

    def visit(self, name: object) -> str:
        """Return a visit as readers see it."""
        return self.visits.get(str(name)) or str(name)

    def arm(self, name: object) -> str:
        """Return an arm as readers see it."""
        return self.arms.get(str(name)) or str(name)


NO_EFFECT = {
    "risk_ratio": 1.0,
    "odds_ratio": 1.0,
    "rate_ratio": 1.0,
    "probability_of_superiority": 0.5,
}
MEANS_BETTER = ("risk_difference", "risk_ratio")  # more is better, whichever way the outcome runs


def effect_label(quantity: str, unit: str) -> str:
    """Return what an estimate is, with its unit where it has the outcome's.

    Examples
    --------
    >>> effect_label("mean_difference", "points"), effect_label("risk_ratio", "points")
    ('Difference of means, points', 'Ratio of percentages')
    """
    words = words_for(quantity, EFFECTS)
    unit = f"{unit} per week" if unit and quantity == "slope_difference" else unit
    return f"{words}, {unit}" if unit and quantity in IN_UNITS else words


def in_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence: acronyms and titles keep their capitals.

    Examples
    --------
    >>> in_sentence("Knee pain (NPRS, 0 to 10)"), in_sentence("WOMAC function"), in_sentence("")
    ('knee pain (NPRS, 0 to 10)', 'WOMAC function', '')
    >>> in_sentence("Timed Up and Go (s)"), in_sentence("Kellgren-Lawrence grade")
    ('Timed Up and Go (s)', 'Kellgren-Lawrence grade')
    >>> in_sentence("Oswestry score")
    'Oswestry score'
    """
    first, _, rest = label.partition(" ")
    kept = (
        first.partition("-")[0].casefold().removesuffix("'s") in _PROPER
        or any(letter.isupper() or letter.isdigit() for letter in first[1:])
        or rest[:1].isupper()
        or (len(first) == 1 and bool(rest) and not first.islower() and first not in "AI")
    )
    return label if kept else label[:1].lower() + label[1:]


# Names of people and places that outcomes are called by: what else begins with a capital is a word.
_NAMES = (
    "oswestry quebec roland tampa berg tinetti lysholm tegner borg beck hamilton kellgren lequesne "
    "harris barthel cobb schober pilates mulligan mckenzie maitland bobath feldenkrais alexander "
    "parkinson nordic swiss german english french spanish hopkins zung rivermead "
    "canadian copenhagen york glasgow"
)
_PROPER = frozenset(_NAMES.split())
# Words that arms begin with and that are no names: the others stand as the trial file writes them.
_OF_ARMS = (
    "backward backwards forward forwards sideward sideways retro reverse normal ordinary level "
    "walking walk walks running treadmill overground gait aquatic water land "
    "usual standard routine conventional regular general basic best current "
    "control controls comparison comparator intervention experimental treatment treated untreated "
    "placebo sham active inactive passive delayed early late immediate waiting wait waitlist "
    "exercise exercises training strength strengthening stretching balance aerobic resistance home "
    "group individual supervised unsupervised combined physical physiotherapy physio therapy "
    "manual education advice information self care rest medical medication drug surgery high low "
    "higher "
    "lower moderate mild no none nothing without with new old first second third arm no-treatment "
    "acupuncture massage heat cold electrical stimulation surgical conservative nonsurgical "
    "cognitive behavioural behavioral"
)
_COMMON = frozenset(_OF_ARMS.split())

_MISREAD = (
    *("no", "not", "none", "neither", "nothing", "lower", "higher", "less", "more", "better"),
    *("worse", "both", "either", "all", "any", "same", "as", "than", "with", "to", "from"),
)


def arm_words(label: str) -> str:
    """Return the label of an arm as it stands inside a sentence.

    One that begins with a word of the sentences around it stands in quotation marks: a result that
    "favours no walking" would be read as one that favours neither.

    Examples
    --------
    >>> arm_words("Backward"), arm_words("Backward walking"), arm_words("Usual care")
    ('backward walking', 'backward walking', 'usual care')
    >>> arm_words("No walking"), arm_words("Lower dose")
    ('“no walking”', '“lower dose”')
    >>> arm_words("Pilates"), arm_words("Mulligan mobilisation")
    ('Pilates', 'Mulligan mobilisation')
    """
    words = arm_in_sentence(label)
    if words.partition(" ")[0].casefold() in _MISREAD:
        return f"“{words}”"
    return f"{words} walking" if words in ("backward", "forward") else words


def arm_in_sentence(label: str) -> str:
    """Return the label of an arm inside a sentence: one that may be a name keeps its capital.

    >>> arm_in_sentence("Backward"), arm_in_sentence("Hydrotherapy"), arm_in_sentence("Usual care")
    ('backward', 'Hydrotherapy', 'usual care')
    """
    first = label.partition(" ")[0].casefold()
    common = {first, first.partition("-")[0]} & _COMMON or first.endswith(("ed", "ing"))
    return in_sentence(label) if common else label


def favoured(
    quantity: str, better: str, low: float, high: float, *, of_events: bool = False
) -> int:
    """Return which side an interval favours: 1 the first arm, -1 the second, 0 neither.

    Nothing is favoured where the interval is NaN, or `better` ("lower" or "higher") is not known.
    A share is of people who are better off, unless it is `of_events`: then `better` counts.

    Examples
    --------
    >>> favoured("mean_difference", "lower", -1.9, -0.7), favoured("risk_ratio", "lower", 0.8, 2)
    (1, 0)
    """
    null = NO_EFFECT.get(quantity, 0.0)
    side = 1 if low > null else -1 if high < null else 0
    if quantity in MEANS_BETTER and not of_events:
        return side
    return {"higher": side, "lower": -side}.get(better, 0)
