"""Which comparison a row is, and which tests its method can mean."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.reading.kinds import kind_of, named_test


@pytest.mark.parametrize(
    ("contrast_type", "method", "arm_a", "arm_b", "kind"),
    [
        ("post-score mean difference", "t-test", "BG", "CG", "between"),
        ("unpaired difference", "t-test", "BG", "CG", "between"),
        ("between groups main effect", "2-factor ANOVA", "retro", "control", "between"),
        ("paired difference", "", "forward", "backward", "paired"),
        ("direction", "", "BW", "FW", "paired"),
        ("pre-post", "paired t-test", "retro within", "", "within"),
        ("paired", "", "post", "pre", "paired"),
        ("time effect", "mixed ANOVA", "post", "pre", "within"),
        ("time x group", "mixed ANOVA", "retro", "control", "interaction"),
        ("between groups and time x group", "", "retro", "control", "between"),
        ("one-way ANOVA", "", "3 arms", "", "anova"),
        ("SMD (Hedges g)", "Cochrane RevMan", "retro", "control", "standardised"),
        ("Cohen d", "", "LBP", "healthy", "standardised"),
        ("risk ratio (0.5 cc)", "Cochrane RevMan", "retro", "control", "risk_ratio"),
        ("risk difference", "", "retro", "control", "risk_difference"),
        ("pooled MD (I2=84%)", "R meta-analysis", "gait retraining", "control", "pooled"),
        ("Hedges g random", "meta-analysis", "BWE", "control", "pooled"),
    ],
)
def test_kind(contrast_type: str, method: str, arm_a: str, arm_b: str, kind: str) -> None:
    assert kind_of(contrast_type, method, arm_a, arm_b) == kind


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("Student t", {"pooled_t"}),
        ("Welch t test", {"welch_t"}),
        ("independent t-test", {"pooled_t", "welch_t"}),
        ("unpaired t-test", {"pooled_t", "welch_t"}),
        ("paired t-test", {"paired_t"}),
        ("correlated t", {"paired_t"}),
        ("ANCOVA adjusted for baseline", {"ancova"}),
        ("linear mixed model", {"two_visit_model"}),
        ("one-way ANOVA with Tukey", {"tukey"}),
        ("LSD post hoc", {"lsd"}),
        ("one-way ANOVA", {"one_way"}),
        ("Fisher's exact test", {"fisher"}),
        ("Pearson chi-square", {"chi_square", "yates"}),
        # A bracket may list the alternatives that somebody computed beside it.
        ("Student t (p=0.055; Bonferroni 0.099)", {"pooled_t"}),
    ],
)
def test_named(method: str, keys: set[str]) -> None:
    found = named_test(method)
    assert set(found.keys) == keys
    assert found.other == ""


@pytest.mark.parametrize(
    "method",
    [
        "Mann-Whitney U",
        "Wilcoxon signed rank",
        "2-factor repeated-measures ANOVA",
        "two-way RM ANCOVA, covariate gender",
        "linear regression",
        "ANCOVA adjusted for baseline, age and sex",
        "t-test with Bonferroni correction",
        "paired t-tests, Holm corrected",
    ],
)
def test_summaries_do_not_determine(method: str) -> None:
    found = named_test(method)
    assert (found.keys, found.other) == (frozenset(), method)


@pytest.mark.parametrize("method", ["", "test not read", "(not read)", "SPSS 21", "ITT"])
def test_unnamed(method: str) -> None:
    found = named_test(method)
    assert (found.keys, found.other) == (frozenset(), "")
