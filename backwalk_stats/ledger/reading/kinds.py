"""What kind of comparison a printed row is, and which test it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_POOLED = ("pooled", "meta-analysis")
_PAIRED = ("paired", "within participants", "within-participant")
_WITHIN = (
    "pre-post",
    "pre/post",
    "within",
    "post-training",
    "time effect",
    "time (",
    "effect of time",
)
_OTHER = (
    "repeated-measures|repeated measures|rm an|mixed anova|x group anova|2x2 anova|2 x 2 anova|"
    "mann-whitney|wilcoxon|kruskal|regression|rank sum|rank-sum|on ranks|by ranks|of ranks|"
    "rank anova|rank test|signed rank|signed-rank|one-sample|one sample|single-sample|single sample"
)
# Covariates that no printed summary of an arm determines.
_COVARIATES = re.compile(r"\b(?:age|sex|gender|bmi|weight|height|site|centre|center|strat\w*)\b")
_CORRECTED = ("bonferroni", "holm", "corrected", "adjusted")
# What a t test can be of beside the scores of two arms.
_OF_A_MODEL = ("model", "coefficient", "slope", "residual")
# Corrections of p over several pairs that the printed arms alone do not determine.
_OTHER_CORRECTIONS = (
    *("holm", "hochberg", "hommel", "benjamini", "fdr", "false discovery", "dunn", "sidak"),
    *("\N{LATIN SMALL LETTER S WITH CARON}id", "scheff", "games", "dunnett", "duncan", "newman"),
)
_CHI_SQUARE = (
    *("chi-square", "chi square", "chi2", "chi 2", "x2", "x\u00b2"),
    *("\u03c72", "\u03c7\u00b2", "\u03c7 2", "\u03c7-square", "\u03c7 square"),
)
_INTERACTION = re.compile(
    r"interaction|\btime ?(?:x|by|\*|\u00d7) ?(?:group|arm|treatment)"
    r"|\b(?:group|arm|treatment) ?(?:x|by|\*|\u00d7) ?time"
)
_T_TESTS = ("t-test", "t test", "student", "welch", "paired t", "correlated t", "independent t")


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedTest:
    """The tests that a printed method can mean.

    Attributes
    ----------
    keys : frozenset of str
        Keys of the tests it names; empty when it names none.
    other : str
        The words of a test that printed summaries do not determine; "" when there is none.
    """

    keys: frozenset[str] = frozenset()
    other: str = ""

    @property
    def is_named(self) -> bool:
        """Tell whether a test was named that can be recomputed."""
        return bool(self.keys)


def kind_of(contrast_type: str, method: str, arm_a: str, arm_b: str) -> str:
    """Return the kind of a printed comparison, from the words of its row in the contrast table.

    One of "pooled", "risk_ratio", "risk_difference", "standardised", "anova", "interaction",
    "paired", "within" and "between".

    >>> kind_of("time x group", "mixed ANOVA", "retro", "control")
    'interaction'
    >>> kind_of("SMD (Hedges g)", "Cochrane RevMan", "backward", "control")
    'standardised'
    """
    text = contrast_type.lower()
    if "meta-analysis" in method.lower():
        return "pooled"
    for kind, marks in (
        ("pooled", _POOLED),
        ("risk_ratio", ("risk ratio",)),
        ("risk_difference", ("risk difference",)),
        ("standardised", ("smd", "hedges", "cohen", "standardi")),
        ("anova", ("one-way anova",)),
    ):
        if _has(text, marks):
            return kind
    if _INTERACTION.search(text):
        return "between" if "between group" in text else "interaction"
    if _has(text, _PAIRED) or text.strip().startswith("direction"):
        return "paired"
    sides = f"{arm_a} {arm_b}".lower().split()
    if _has(text, _WITHIN) or text.strip() == "time" or "pre" in sides:
        return "within"
    return "between"


def named_test(method: str) -> NamedTest:
    """Return which tests a printed method can mean.

    >>> sorted(named_test("independent t-test").keys)
    ['pooled_t', 'welch_t']
    >>> named_test("test not read").is_named
    False
    """
    text = method.lower()
    other = next((words for words in _OTHER.split("|") if words in text), "")
    if other or _goes_beyond_summaries(text):
        return NamedTest(other=method)
    if "not read" in text or "not seen" in text:
        return NamedTest()
    for marks, keys in (
        (("student",), {"pooled_t"}),
        (("welch",), {"welch_t"}),
        (("paired t", "correlated t"), {"paired_t"}),
        (("ancova",), {"ancova"}),
        (("mixed model", "mmrm"), {"two_visit_model"}),
        (("t-test", "t test", "independent t"), {"pooled_t", "welch_t"}),
        (("fisher",), {"fisher"}),
        (_CHI_SQUARE, {"chi_square", "yates"}),
        (_OTHER_CORRECTIONS, set()),
        (("tukey",), {"tukey"}),
        (("lsd",), {"lsd"}),
        (("bonferroni",), {"bonferroni"}),
        (("one-way anova",), {"one_way"}),
        (("noncentral",), {"noncentral"}),
        (("cochrane", "revman"), {"cochrane", "risk_ratio", "risk_difference"}),
    ):
        if _has(text, marks):
            return NamedTest(keys=frozenset(keys)) if keys else NamedTest(other=method)
    return NamedTest()


def _goes_beyond_summaries(text: str) -> bool:
    """Tell whether a test adjusts for more than baseline, or corrects a p for other tests."""
    if "ancova" in text and _COVARIATES.search(text):
        return True
    bare = re.sub(r"\([^)]{0,500}\)", " ", text)
    return _has(bare, _T_TESTS) and _has(bare, (*_CORRECTED, *_OF_A_MODEL))


def _has(text: str, marks: Sequence[str]) -> bool:
    """Tell whether a mark begins a word: "unpaired" is not "paired", "exact test" no "t test"."""
    return any(re.search(rf"(?<![a-z]){re.escape(mark)}", text) for mark in marks)
