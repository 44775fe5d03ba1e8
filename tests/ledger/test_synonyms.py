"""The one table of words: every spelling is read as what it means, and nothing else is."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.reading.readings import AT_A_MARGIN, readings_of, scores_of
from backwalk_stats.ledger.reading.spellings import SYNONYMS
from backwalk_stats.ledger.reading.synonyms import level_read, word_read, words_said

SPELLINGS = [
    ("scale", "odds ratio", "odds ratio|Odds Ratios|OR|aOR|OR (95% CI)|crude odds ratio"),
    ("scale", "hazard ratio", "hazard ratio|HR|adjusted hazard ratio"),
    ("scale", "risk ratio", "risk ratio|relative risk|RR|prevalence ratio"),
    ("scale", "rate ratio", "rate ratio|incidence rate ratio|IRR"),
    ("scale", "ratio of means", "ratio of geometric means|geometric mean ratio|GMR|response ratio"),
    ("scale", "standardised difference", "SMD|Hedges g|Cohen's d|standardized mean difference"),
    (
        "scale",
        "median difference",
        "median difference|Hodges-Lehmann estimate|difference in medians",
    ),
    ("scale", "difference", "mean difference|MD|pooled MD|difference|adjusted mean difference"),
    ("scale", "auc", "AUC|area under the curve|AUROC|c-statistic"),
    ("scale", "icc", "ICC(3,1)|intraclass correlation coefficient"),
    ("scale", "kappa", "weighted kappa|Cohen\u2019s kappa"),
    ("scale", "partial eta squared", "partial eta squared|\u03b7p2|partial \u03b72"),
    ("scale", "eta squared", "eta squared|eta2"),
    ("scale", "rank correlation", "Spearman|Kendall tau|rho"),
    ("scale", "correlation", "Pearson correlation|correlation"),
    ("scale", "regression coefficient", "regression coefficient|slope|unstandardised B"),
    ("scale", "standardised regression coefficient", "standardised beta|standardized coefficient"),
    ("scale", "risk difference", "risk difference|difference in proportions|ARR"),
    ("scale", "percent difference", "percent change|percentage difference|% difference"),
    ("sides", "one", "one-tailed|1-sided|one sided test|single-tailed|directional|lower-tailed"),
    ("sides", "two", "two-tailed|2-sided|two sided|non-directional"),
    ("margin", "margin", "non-inferiority|noninferiority margin 1 cm|equivalence (TOST)"),
    ("role", "heterogeneity", "0.28 (printed beside I2)|p for heterogeneity|Cochran's Q"),
    ("role", "time", "main effect of time|time effect|time"),
    ("role", "baseline", "baseline|baseline t-test|baseline difference"),
    ("scale", "another ratio", "ratio|ratio (95% CI)"),
    ("people", "clustered", "cluster RCT|group-randomised trial"),
    ("transformed", "transformed", "log-transformed|square root transformed"),
    ("spread", "standard error", "mean (SE)|SEM|standard error"),
    ("interval", "not by a standard error", "profile likelihood|BCa"),
    ("kept", "kept", "complete case|completers only|no dropouts|no missing data|all completed"),
    ("role", "interaction", "time x group|group \u00d7 time|interaction|group by time"),
    ("correction", "sphericity", "Greenhouse-Geisser corrected|Huynh-Feldt|sphericity corrected"),
    (
        "correction",
        "several",
        "Bonferroni|Holm|Tukey HSD|\u0160id\u00e1k|FDR|adjusted p|t-test, corrected|post hoc"
        "|pairwise|significance was adjusted|p times three|after correction",
    ),
    (
        "correction",
        "of one test",
        "continuity-corrected|corrected for ties|without correction|Welch-corrected|uncorrected",
    ),
    ("resampled", "resampled", "permutation test|bootstrap|Monte Carlo"),
    ("exact", "exact", "Fisher's exact test|exact test|mid-p"),
    ("adjusted", "adjusted", "ANCOVA|adjusted for baseline|LS mean|estimated marginal means"),
    ("adjusted", "crude", "unadjusted|crude odds ratio"),
    ("model", "mixed", "linear mixed model|mixed-effects model|MMRM|GEE|multilevel"),
    ("model", "repeated", "repeated-measures ANOVA|RM ANOVA|three sessions a person"),
    ("people", "same", "paired t-test|crossover trial|cross-over|within-participant|n-of-1 trials"),
    ("people", "different", "unpaired t-test|independent t|2-arm RCT|two-sample t|case-control"),
    ("scores", "imputed", "multiple imputation|LOCF|last observation carried forward"),
    ("scores", "averaged", "NRS, mean of 7 days|item mean 0-4|average of three trials"),
    ("scores", "adjusted", "pain adjusted mean|least-squares mean|EMM"),
    ("role", "baseline", "at baseline|baseline comparison|baseline differences"),
    ("role", "comparison of correlations", "difference between correlations|two correlations"),
    ("people", "clustered", "cluster-randomised trial|design effect|clustered standard errors"),
    ("transformed", "transformed", "log-transformed|ln|square-root transformed|logarithms"),
    ("spread", "standard error", "mean (SE)|SEM|standard errors in brackets"),
    ("scores", "continuous", "VAS|visual analogue scale|0.1 steps|half points"),
    ("scores", "another scale", "geometric mean|log-transformed|bootstrap CI|median"),
    ("estimator", "Q", "random effects (DerSimonian-Laird)|fixed effect|Mantel-Haenszel|RevMan 5"),
    ("estimator", "another", "REML|Paule-Mandel|R metafor|three-level model"),
]
NOTHING = [
    ("scale", "log odds ratio", "odds ratio"),
    ("scale", "ratio of odds ratios", "odds ratio"),
    ("scale", "sway area", ""),
    ("scale", "for or against", ""),
    ("sides", "two arms", ""),
    ("sides", "bidirectional", ""),
    ("people", "unpaired t-test", "same"),
    ("people", "nonpaired", "same"),
    ("adjusted", "unadjusted", "adjusted"),
    ("adjusted", "Bonferroni-adjusted p", "adjusted"),
    ("correction", "correlation", ""),
    ("correction", "Yates-corrected", "several"),
    ("role", "adjusted for baseline values", "baseline"),
    ("role", "baseline to week 6", "baseline"),
    ("margin", "marginal means", ""),
    ("model", "mixed ANOVA", "mixed"),
]


@pytest.mark.parametrize(("field", "word", "spellings"), SPELLINGS)
def test_every_spelling_is_read(field: str, word: str, spellings: str) -> None:
    for spelling in spellings.split("|"):
        assert word_read(field, spelling) == word or word in words_said(field, spelling), spelling


@pytest.mark.parametrize(("field", "text", "not_read"), NOTHING)
def test_what_only_looks_like_a_spelling_is_not_read(field: str, text: str, not_read: str) -> None:
    said = words_said(field, text)
    assert (not_read not in said) if not_read else (said == ())


def test_every_word_of_the_table_has_a_tested_spelling() -> None:
    tested = {(field, word) for field, word, _ in SPELLINGS}
    rare = {"log ratio", "ratio of odds ratios", "win ratio", "other share of variance", "p alone"}
    rare |= {"partial correlation", "trend", "assumption", "bayes", "comparison of correlations"}
    assert {(f, w) for f, w, _ in SYNONYMS if w not in rare} <= tested


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("mean difference (90% CI)", "90"),
        ("99 % confidence interval", "99"),
        ("CI90", "90"),
        ("97.5% CI", "97.5"),
        ("95% CI; 90% CI", ""),
        ("90% of participants", ""),
        ("", ""),
    ],
)
def test_level(text: str, level: str) -> None:
    assert level_read(text) == level


def test_columns_come_before_words() -> None:
    row = {"contrast_type": "mean difference (90% CI)", "method": "one-tailed independent t-test"}
    read = readings_of(row, {"design": "2-arm RCT"})
    assert (read.scale, read.level, read.sides, read.people) == (
        "difference",
        "90",
        "one",
        "different",
    )
    columns = {"ci_level": "95", "sided": "two", "scale": "hazard ratio", "null": "1.0"}
    read = readings_of({**row, **columns}, {})
    assert (read.scale, read.level, read.sides, read.null) == ("hazard ratio", "95", "two", "1")


def test_nothing_is_filled_in() -> None:
    read = readings_of({"contrast_type": "between groups", "method": "not read"}, {})
    for field in ("scale", "level", "sides", "null", "role", "model", "people", "adjusted"):
        assert read.word(field) == "", field


def test_an_unknown_word_is_not_read() -> None:
    read = readings_of({"scale": "gain index", "sided": "both", "contrast_type": "gain"}, {})
    assert (read.scale, read.sides) == ("", "")


def test_the_null_of_a_margin() -> None:
    row = {"contrast_type": "mean difference, non-inferiority margin 1.0", "method": "t-test"}
    assert readings_of(row, {}).null == AT_A_MARGIN
    assert readings_of({"contrast_type": "mean difference", "method": "t-test"}, {}).null == "0"
    assert readings_of({"contrast_type": "OR", "method": "Wald test, t-test"}, {}).null == "1"


def test_how_scores_were_formed() -> None:
    said = scores_of(
        {"instrument": "NRS, mean of 7 days"}, {"design_analysis": "multiple imputation"}
    )
    assert (said.averaged, said.imputed, said.adjusted, said.step) == (True, True, False, "")
    assert scores_of({"score_step": "0.5"}, {}).step == "0.5"
