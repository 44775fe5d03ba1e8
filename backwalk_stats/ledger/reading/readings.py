"""What was read of how printed numbers were computed: from columns first, then from words.

An empty field was not read. Nothing is filled in with what is usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backwalk_stats.ledger.reading.kinds import NamedTest, named_test
from backwalk_stats.ledger.reading.printed import is_number, value_of
from backwalk_stats.ledger.reading.spellings import RATIOS
from backwalk_stats.ledger.reading.synonyms import level_read, word_read, words_said

AT_A_MARGIN = "a margin"
CRUDE_TESTS = frozenset(
    {"pooled_t", "welch_t", "paired_t", "one_way", "lsd", "tukey", "bonferroni"}
)
COUNTED_TESTS = frozenset({"pooled_t", "paired_t", "one_way", "lsd", "tukey", "bonferroni"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """What was read of one printed comparison.

    Attributes
    ----------
    scale, sides, role, model, people : str
        Words of `synonyms.SYNONYMS`; "" where not read.
    null : str
        The value that the p speaks against, as a number; `AT_A_MARGIN` where one is spoken of.
    level : str
        Of the confidence interval, in percent.
    adjusted : str
        "adjusted" or "crude"; a named t test or one-way ANOVA is crude.
    transformed : str
        "transformed" where a test of logarithms or other transformed scores is spoken of.
    test : NamedTest
        The tests that the method can mean.
    corrections : frozenset of str
        "sphericity", "several" (comparisons).
    ways : frozenset of str
        Ways to a p or an interval that the printed numbers do not determine: "resampled", "exact",
        "bayes", "interval" (not by a standard error).
    trials : str
        The number of trials of a pool, as printed.
    """

    scale: str = ""
    sides: str = ""
    role: str = ""
    model: str = ""
    people: str = ""
    null: str = ""
    level: str = ""
    adjusted: str = ""
    transformed: str = ""
    test: NamedTest = field(default_factory=NamedTest)
    corrections: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    trials: str = ""

    @property
    def p_way(self) -> str:
        """Return the way to the p that no printed statistic determines; "" where none is said."""
        return next((way for way in ("resampled", "bayes", "exact") if way in self.ways), "")

    @property
    def interval_way(self) -> str:
        """Return the way to the interval, where it is not by a standard error."""
        return next((way for way in ("resampled", "bayes", "interval") if way in self.ways), "")

    @property
    def counted_test(self) -> str:
        """Return the tests named whose degrees of freedom count people; "" where none is named.

        A mixed model has others, and so has a test that the source does not name.
        """
        if self.model == "mixed":
            return "mixed model"
        named = self.test.keys & COUNTED_TESTS
        if named:
            return "named"
        return "repeated-measures ANOVA" if "anova" in self.test.other.lower() else ""

    def word(self, of: str) -> str:
        """Return what was read of a condition; "" where it was not."""
        return str(getattr(self, of))


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """What was read of how the scores behind a printed mean were formed.

    Attributes
    ----------
    averaged, imputed, adjusted, continuous : bool
        True when the source says so.
    elsewhere : bool
        True when the mean or its interval stands on another scale (logarithms, ranks, resampling).
    step : str
        The distance between two possible scores of one person, as printed or declared.
    level : str
        Of the interval of the mean, in percent.
    corrections : frozenset of str
        Empty: a mean has no p that could be corrected.
    """

    averaged: bool = False
    imputed: bool = False
    adjusted: bool = False
    continuous: bool = False
    elsewhere: bool = False
    step: str = ""
    level: str = ""
    corrections: frozenset[str] = frozenset()

    def word(self, of: str) -> str:
        """Return what was read of a condition; "" where it was not."""
        return str(getattr(self, of))


NOTHING_READ = Readings()
NOTHING_READ_OF_SCORES = Scores()


def readings_of(row: Mapping[str, str], study: Mapping[str, str]) -> Readings:
    """Return what a row of contrasts, and its row of studies, say of how it was computed."""
    own = [row.get(name, "") for name in ("contrast_type", "method", "model", "note")]
    kind, method, model, note = own
    beside = [row.get("p_value_as_printed", ""), row.get("statistic", "")]
    analysis = study.get("design_analysis", "")
    design = study.get("design", "")
    spoken = " ; ".join((*own, *beside, analysis))
    test = named_test(method)
    if not (test.is_named or test.other):
        test = named_test(kind)
    sides = (_as_sides(row.get("sided", "")), *beside, method, kind, note, analysis)
    scale = word_read("scale", row.get("scale", ""), kind, row.get("outcome", ""), method)
    return Readings(
        scale=scale,
        sides=word_read("sides", *sides),
        role=row.get("p_role", "").strip().lower()
        or word_read("role", *beside, kind, note, method),
        model=_model(f"{model} ; {method} ; {kind} ; {note}", f"{analysis} ; {design}"),
        people=_people(f"{model} ; {method}", kind, note, f"{analysis} ; {design}"),
        null=_null(row.get("null", ""), scale, test, f"{spoken} ; {design}"),
        level=_level(row.get("ci_level", "")) or level_read(kind, method, note, analysis),
        adjusted=_adjusted(
            f"{model} ; {method} ; {kind} ; {row.get('outcome', '')} ; {note} ; {analysis}", test
        ),
        transformed=word_read("transformed", spoken),
        test=test,
        corrections=frozenset(words_said("correction", spoken)),
        ways=frozenset(
            word for word in ("resampled", "exact", "bayes", "interval") if words_said(word, spoken)
        ),
        trials=row.get("k", ""),
    )


def _as_sides(text: str) -> str:
    """Return the column's bare word ("one", "two") so that the table of words knows it."""
    return f"{text}-sided" if text.strip().lower() in ("one", "two", "1", "2") else text


def _level(text: str) -> str:
    return f"{value_of(text):g}" if is_number(text) else ""


def _model(own: str, study: str) -> str:
    """Return the kind of model; one that is spoken of anywhere may be the one that was used."""
    said = {*words_said("model", own), *words_said("model", study)}
    return "mixed" if "mixed" in said else "repeated" if "repeated" in said else ""


def _people(*texts: str) -> str:
    """Return whether both sides are the same people; clusters, wherever they are spoken of."""
    if any("clustered" in words_said("people", text) for text in texts):
        return "clustered"
    *own, study = texts
    found = word_read("people", *own)
    # A test of independent groups in a crossover trial: one of the two is not so.
    if found == "different" and "same" in words_said("people", study):
        return ""
    return found or word_read("people", study)


def _adjusted(text: str, test: NamedTest) -> str:
    said = words_said("adjusted", text)
    if not said and test.keys and test.keys <= CRUDE_TESTS:
        return "crude"
    return next((word for word in ("adjusted", "crude") if word in said), "")


def _null(column: str, scale: str, test: NamedTest, spoken: str) -> str:
    """Return the value under the null: printed, or the one of a named test of no effect."""
    if is_number(column):
        return f"{value_of(column):g}"
    if words_said("margin", spoken):
        return AT_A_MARGIN
    if not (test.is_named or test.other):
        return ""
    return "1" if scale in RATIOS else "0.5" if scale == "auc" else "0"


def scores_of(row: Mapping[str, str], study: Mapping[str, str]) -> Scores:
    """Return what a row of outcomes, and its row of studies, say of the scores behind the mean."""
    own = " ; ".join(row.get(name, "") for name in ("outcome", "instrument", "note", "unit"))
    said = {*words_said("scores", own), *words_said("scores", study.get("design_analysis", ""))}
    return Scores(
        averaged="averaged" in words_said("scores", own),
        imputed="imputed" in said,
        adjusted="adjusted" in words_said("scores", own),
        continuous="continuous" in words_said("scores", own),
        elsewhere="another scale" in said,
        step=row.get("score_step", "").strip(),
        level=_level(row.get("ci_level", "")) or level_read(own, study.get("design_analysis", "")),
    )
