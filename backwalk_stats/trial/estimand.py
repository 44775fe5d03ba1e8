"""An estimand: what is to be estimated, and by which analysis (ICH E9(R1))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from backwalk_stats.registry import Shown
from backwalk_stats.trial.outcome import Kind

Population = Literal["all-randomised", "per-protocol", "as-treated"]
Intercurrent = Literal["treatment-policy", "hypothetical", "while-on-treatment"]
# What becomes of values after an intercurrent event (ICH E9(R1)); the last four impute them.
Strategy = Literal[
    "treatment-policy",
    "hypothetical",
    "composite",
    "while-on-treatment",
    "jump-to-reference",
    "copy-reference",
    "copy-increments",
    "last-mean-carried-forward",
]
_HOW = {
    "treatment-policy": "values count whatever happened",
    "hypothetical": "values from the event on are set aside and missing at random",
    "composite": "the worst{of}, {worst}, stands at every visit from the event on",
    "while-on-treatment": "the last value before the event stands from it on",
}
REFERENCE_BASED: tuple[str, ...] = get_args(Strategy)[4:]
BY_DISTANCE = ("sp_exp", "sp_pow", "sp_gau")  # covariances that hang on times
Times = Literal["weeks", "dates"]
Framework = Literal["superiority", "non-inferiority", "equivalence"]
MARGIN_QUANTITY = {"non-inferiority": "non_inferiority", "equivalence": "equivalence"}
MarginScale = Literal["difference", "ratio"]
MainAnalysis = Literal[
    "mmrm",
    "ancova",
    "change-score",
    "constrained-longitudinal",
    "random-slope",
    "rank-based",
    "mixed-anova",
    "crossover",
    "adjusted-risk",
    "ordinal",
    "rate-ratio",
    "gee",
]
Sensitivity = Literal[
    MainAnalysis,
    "multiple-imputation",
    "jump-to-reference",
    "copy-reference",
    "copy-increments",
    "last-mean-carried-forward",
    "tipping-point",
    "per-protocol",
    "as-treated",
    "bootstrap",
    "permutation",
    "cluster-robust",
    "missing-as-failure",
    "best-case",
    "worst-case",
]
MAIN_ANALYSES: tuple[str, ...] = get_args(MainAnalysis)
SENSITIVITY: tuple[str, ...] = (
    *MAIN_ANALYSES,
    *(name for name in get_args(Sensitivity) if name not in MAIN_ANALYSES),
)
# Summaries that are not a difference of means.
_SUMMARY = {
    "rank-based": "shift of ranks",
    "mixed-anova": "course",
    "ordinal": "odds of a higher category",
    "rate-ratio": "rates",
    "gee": "odds",
    **dict.fromkeys(
        ("adjusted-risk", "missing-as-failure", "best-case", "worst-case"), "difference of risks"
    ),
}
DEFAULT_ANALYSIS: dict[Kind, MainAnalysis] = {
    "continuous": "mmrm",
    "binary": "adjusted-risk",
    "ordinal": "ordinal",
    "count": "rate-ratio",
}
_OTHERS = ("per-protocol", "as-treated")
# Analyses whose comparison can be held against a margin, and on which scales; the first is meant
# where none is said.
_OF_MEANS: tuple[MarginScale, ...] = ("difference",)
MARGIN_SCALES: dict[str, tuple[MarginScale, ...]] = {
    "ancova": _OF_MEANS,
    "mmrm": _OF_MEANS,
    "change-score": _OF_MEANS,
    "constrained-longitudinal": _OF_MEANS,
    "random-slope": _OF_MEANS,
    "crossover": _OF_MEANS,
    "adjusted-risk": ("difference", "ratio"),
    "rate-ratio": ("ratio",),
}
WITH_MARGIN = (*MARGIN_SCALES,)
# Analyses of outcomes whose means say nothing; all other analyses are of means.
OF_KIND: dict[Kind, tuple[str, ...]] = {
    "binary": ("adjusted-risk", "gee", "missing-as-failure", "best-case", "worst-case", *_OTHERS),
    "ordinal": ("ordinal", "rank-based", *_OTHERS),
    "count": ("rate-ratio", *_OTHERS),
}
OF_MEANS = tuple(
    one
    for one in SENSITIVITY
    if one in ("rank-based", *_OTHERS) or not any(one in own for own in OF_KIND.values())
)
_AS_MAIN = ("bootstrap", "permutation")  # of the main analysis' own summary
BASELINE = "baseline"  # how a list of covariates names the outcome's own baseline


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimand(Shown):
    """What one comparison estimates, and how.

    Attributes
    ----------
    id : str
        Short name in results, such as "E1".
    outcome, visit : str
        Names of the outcome and of the visit at which arms are compared.
    contrast : tuple of str
        Arm and reference arm: the estimate is the first minus the second.
    role : str
        "primary", "secondary" or "exploratory".
    population : str
        "all-randomised", "per-protocol" or "as-treated".
    events : tuple of (str, str)
        Kind of intercurrent event and its strategy, one of `Strategy`; empty where the trial has
        no record of events, and every value counts.
    composite : float or None
        The score that stands at every visit from a composite event on: the worst of the scale.
    worst : str
        What readers call it where it is no score: a category, or to have an event; else "".
    analysis : str
        One of `MAIN_ANALYSES`.
    covariates : tuple of str
        "baseline" and columns of the participants' table.
    sensitivity : tuple of str
        Of `SENSITIVITY`, in the order in which they are reported.
    times : str
        Of a covariance by distance: the planned "weeks", or the days between the "dates" of visits.
    covariance, df : str
        For mixed models, as in `backwalk_stats.mmrm`.
    fallback : tuple of str
        Covariances that are tried in this order where a fit does not converge.
    level : float
        Confidence level.
    imputations : int
        Data sets for multiple imputation and random draws.
    resamples : int
        Replicates of bootstrap and permutation.
    subgroups : tuple of str
        Columns of the participants' table within whose levels the comparison is repeated.
    framework : str
        "superiority"; "non-inferiority" or "equivalence" with a margin.
    margin : float or None
        By that much worse is too much, or by that much apart. Above 0: in the unit of the outcome,
        or of risks a share, such as 0.1 for 10 of 100 people; of a ratio above 1: by that factor.
    margin_scale : str
        "difference", or "ratio" of risks or rates.
    """

    id: str
    outcome: str
    visit: str
    contrast: tuple[str, str]
    role: Literal["primary", "secondary", "exploratory"] = "primary"
    population: Population = "all-randomised"
    events: tuple[tuple[str, Strategy], ...] = ()
    composite: float | None = None
    worst: str = ""
    analysis: MainAnalysis = "mmrm"
    covariates: tuple[str, ...] = (BASELINE,)
    sensitivity: tuple[Sensitivity, ...] = ()
    covariance: str = "us"
    df: str = "kenward-roger"
    fallback: tuple[str, ...] = ("toeph", "csh", "cs")
    times: Times = "weeks"
    level: float = 0.95
    imputations: int = 100
    resamples: int = 2000
    subgroups: tuple[str, ...] = ()
    framework: Framework = "superiority"
    margin: float | None = None
    margin_scale: MarginScale = "difference"

    @property
    def margin_ends(self) -> tuple[float, float]:
        """Return the differences, or ratios, at the margin: the lower and the upper.

        Examples
        --------
        >>> asked = Estimand(id="E1", outcome="falls", visit="W6", contrast=("b", "f"),
        ...                  framework="equivalence", margin=1.25, margin_scale="ratio")
        >>> asked.margin_ends
        (0.8, 1.25)
        """
        size = float(self.margin or 0.0)
        return (1.0 / size, size) if self.margin_scale == "ratio" else (-size, size)

    @property
    def margin_quantity(self) -> str:
        """Return the quantity of the test against the margin; "" where there is none."""
        return MARGIN_QUANTITY.get(self.framework, "")

    @property
    def contrast_name(self) -> str:
        """Return the comparison as results name it: "backward - forward"."""
        return f"{self.contrast[0]} - {self.contrast[1]}"

    def role_of(self, analysis: str) -> Literal["sensitivity", "supplementary"]:
        """Return whether an analysis beside the main one keeps the estimand or asks for another.

        A sensitivity analysis answers the same question under other assumptions; a supplementary
        one is about other people (per protocol), another treatment (as received), another
        summary (ranks instead of means, courses instead of differences) or other values (those
        after an event imputed, where the estimand's strategy uses them).

        Examples
        --------
        >>> asked = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"))
        >>> asked.role_of("jump-to-reference"), asked.role_of("per-protocol")
        ('sensitivity', 'supplementary')
        >>> asked.role_of("rank-based")
        'supplementary'
        """
        if analysis in ("per-protocol", "as-treated"):
            return "sensitivity" if analysis == self.population else "supplementary"
        if analysis in REFERENCE_BASED and self.uses_values_after_events:
            return "supplementary"
        main = _SUMMARY.get(self.analysis, "mean")
        mine = main if analysis in _AS_MAIN else _SUMMARY.get(analysis, "mean")
        return "sensitivity" if mine == main else "supplementary"

    def in_words(self, strategy: str) -> str:
        """Return what a strategy does with values from an event on.

        Examples
        --------
        >>> one = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"), composite=10.0)
        >>> one.in_words("composite")
        'the worst score, 10, stands at every visit from the event on'
        """
        if strategy in REFERENCE_BASED:
            return "values from the event on are set aside and imputed"
        of, worst = ("", self.worst) if self.worst else (" score", f"{self.composite or 0.0:g}")
        return _HOW[strategy].format(of=of, worst=worst)

    @property
    def uses_values_after_events(self) -> bool:
        """Return whether a strategy uses values that reference-based imputation sets aside."""
        return any(how in ("treatment-policy", "while-on-treatment") for _, how in self.events)

    @property
    def imputed_by(self) -> str:
        """Return the reference-based strategy of its events, "" where it has none."""
        return next((how for _, how in self.events if how in REFERENCE_BASED), "")

    @property
    def supplementary(self) -> tuple[str, ...]:
        """Return the analyses of `sensitivity` that answer another question."""
        return tuple(one for one in self.sensitivity if self.role_of(one) == "supplementary")

    @property
    def other_covariates(self) -> tuple[str, ...]:
        """Return the covariates beside the outcome's own baseline."""
        return tuple(name for name in self.covariates if name != BASELINE)


# How several estimands are tested together: procedures, a graph of them, and who is left out.

Method = Literal[
    "none",
    "holm",
    "hochberg",
    "hommel",
    "fixed-sequence",
    "gatekeeping",
    "parallel-gatekeeping",
    "graph",
]
OF_FAMILIES = ("gatekeeping", "parallel-gatekeeping")  # an entry of the order may be several ids
ADJUSTED_NOTE = "p_adjusted: "  # begins what the note of a row says of its adjusted p
# How a sentence names the procedure by which a p-value was adjusted.
BY: dict[str, str] = {
    "holm": "Holm’s method",
    "hochberg": "Hochberg’s method",
    "hommel": "Hommel’s method",
    "fixed-sequence": "the fixed sequence",
    "gatekeeping": "serial gatekeeping",
    "parallel-gatekeeping": "parallel gatekeeping",
    "graph": "the graphical procedure",
}


def without_procedure(note: str) -> str:
    """Return the note of a row of results without the procedure that adjusted its p.

    Rows of one rule of response have one note; the adjusted one among them belongs to them too.

    Examples
    --------
    >>> without_procedure("fell = yes; observed cases; p_adjusted: Holm’s method")
    'fell = yes; observed cases'
    """
    return note.partition(ADJUSTED_NOTE)[0].removesuffix("; ")


@dataclass(frozen=True, kw_only=True, slots=True)
class MultiplicityGraph:
    """The graph of a graphical procedure (Bretz et al., Stat Med 2009;28:586).

    Attributes
    ----------
    weights : tuple of (str, float)
        Id of an estimand and the share of the level that it has at the start.
    transitions : tuple of (str, str, float)
        From, to, and the part of the share that is passed on where the first is rejected.

    Examples
    --------
    >>> graph = MultiplicityGraph(weights=(("E1", 1.0),), transitions=(("E1", "E2", 1.0),))
    >>> graph.ids
    ('E1', 'E2')
    """

    weights: tuple[tuple[str, float], ...]
    transitions: tuple[tuple[str, str, float], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the estimands of the graph, those with a weight first."""
        ends = [name for one, other, _ in self.transitions for name in (one, other)]
        return tuple(dict.fromkeys([*(name for name, _ in self.weights), *ends]))

    def part(self, one: str, other: str) -> float:
        """Return the part of the share of one estimand that goes to another."""
        return next((g for a, b, g in self.transitions if (a, b) == (one, other)), 0.0)

    def weight(self, name: str) -> float:
        """Return the share of the level that an estimand has at the start."""
        return dict(self.weights).get(name, 0.0)


def never_tested(graph: MultiplicityGraph) -> tuple[str, ...]:
    """Return the estimands that no share of the level can reach, whatever is rejected.

    Examples
    --------
    >>> never_tested(MultiplicityGraph(weights=(("E1", 1.0), ("E2", 0.0))))
    ('E2',)
    """
    reached = {name for name, weight in graph.weights if weight > 0.0}
    while True:
        more = {b for a, b, g in graph.transitions if a in reached and g > 0.0} - reached
        if not more:
            return tuple(name for name in graph.ids if name not in reached)
        reached |= more


def families_of(order: Sequence[str]) -> list[list[str]]:
    """Return the families of a declared order, whose ids are joined by "+".

    Examples
    --------
    >>> families_of(["E1", "E2+E3"])
    [['E1'], ['E2', 'E3']]
    """
    return [name.split("+") for name in order]


def ids_of(order: Sequence[str]) -> list[str]:
    """Return the ids of all families, in their order.

    >>> ids_of(["E1", "E2+E3"])
    ['E1', 'E2', 'E3']
    """
    return [name for family in families_of(order) for name in family]


def not_adjusted(estimands: Sequence[Estimand], order: Sequence[str]) -> tuple[str, ...]:
    """Return the primary estimands that no procedure covers, where there are several primary ones.

    `order`: the declared order; empty where nothing is adjusted.
    """
    covered = ids_of(order)
    primary = [one.id for one in estimands if one.role == "primary"]
    return tuple(name for name in primary if name not in covered) if len(primary) > 1 else ()
