"""Ways in which papers say how a number was computed; wider than any table of synonyms need be."""

from __future__ import annotations

from collections.abc import Sequence

ONE_SIDED = (
    "one-tailed",
    "one-sided",
    "1-sided",
    "1-tailed",
    "one tailed",
    "one sided",
    "single-tailed",
    "one-tailed p",
    "p one-sided",
    "directional hypothesis, one tail",
    "directional test",
    "one tail",
    "1 tail",
    "upper-tailed p",
    "One-Sided p (SPSS)",
)
TWO_SIDED = ("two-tailed", "two-sided", "2-sided", "2-tailed", "Sig. (2-tailed)", "both tails")
STUDENT = (
    "Student t",
    "Student's t-test",
    "independent t-test",
    "unpaired t-test",
    "two-sample t test",
    "t-test for independent samples",
    "independent samples t test (equal variances)",
)
WELCH = (
    "Welch's t-test",
    "Welch t test",
    "Welch",
    "t-test with unequal variances",
    "unequal-variance t test (Satterthwaite)",
    "t' test, equal variances not assumed",
)
PAIRED = ("paired t-test", "paired t test", "dependent t-test", "t-test for matched pairs")
COX = (
    "Cox model",
    "Cox regression",
    "proportional hazards model",
    "Cox PH",
    "Cox proportional hazards",
    "Cox proportional-hazards regression, Wald test",
    "cause-specific Cox",
)
LOGISTIC = ("logistic regression", "binary logistic regression", "logit model", "logistic model")
WALD = ("Wald test", "Wald", "Woolf's method", "log odds, Wald chi-square", "crude, Wald")
POISSON = ("Poisson regression", "Poisson model", "log-linear model, Poisson", "Poisson GLM")
ANCOVA = (
    "ANCOVA adjusted for baseline",
    "ANCOVA with baseline as covariate",
    "analysis of covariance",
    "ANCOVA",
    "general linear model, baseline as covariate",
    "linear regression adjusted for baseline",
)
MIXED = (
    "linear mixed model",
    "mixed-effects model",
    "MMRM",
    "mixed model for repeated measures",
    "random-intercept model",
    "LMM",
    "multilevel model",
)
MANN_WHITNEY = (
    "Mann-Whitney U test",
    "Mann-Whitney",
    "Wilcoxon rank-sum test",
    "Mann Whitney U",
    "rank-sum test",
)
CHI_SQUARE = (
    "chi-square test",
    "chi-squared test",
    "Pearson chi-square",
    "chi2 test",
    "\N{GREEK SMALL LETTER CHI}\u00b2 test",
)
CHI_SQUARE_UNNAMED = ("chi-square test", "chi-squared test", "chi2 test", "chi square", "X2 test")
FISHER = (
    "Fisher's exact test",
    "Fisher exact test",
    "Fisher's exact",
    "Fisher-Freeman-Halton exact",
)
GREENHOUSE = (
    "repeated-measures ANOVA, Greenhouse-Geisser corrected",
    "RM-ANOVA (Greenhouse-Geisser)",
    "mixed ANOVA, Greenhouse-Geisser correction where sphericity was violated",
    "two-way repeated measures ANOVA, GG-corrected p",
)
HUYNH = (
    "repeated-measures ANOVA, Huynh-Feldt",
    "RM ANOVA with Huynh-Feldt correction",
    "mixed ANOVA, HF-corrected p",
)
CROSSOVER = (
    "crossover trial, random order",
    "randomised crossover",
    "cross-over RCT",
    "AB/BA crossover",
    "within-subject crossover, counterbalanced",
    "counterbalanced repeated-measures design",
)
MEAN_DIFFERENCE = (
    "mean difference",
    "difference in means",
    "between-group difference",
    "MD",
    "mean group difference",
)
BETWEEN = ("between groups", "between-group", "group comparison", "group difference", "post-test")
MARGIN = (
    "non-inferiority margin {m}",
    "noninferiority, margin {m}",
    "p for non-inferiority (margin {m})",
    "non-inferiority test against {m}",
)
SUPERIOR = (
    "superiority by a margin of {m}",
    "superiority margin {m}",
    "tested against the MCID of {m}",
    "null: difference smaller than the minimal important difference of {m}, margin test",
)
EQUIVALENT = (
    "equivalence, TOST",
    "TOST, bounds -{m} to {m}",
    "two one-sided tests for equivalence",
    "equivalence test, margin {m}",
)


def levels(percent: str) -> Sequence[str]:
    """Return ways to say the level of an interval."""
    return (
        f"{percent}% CI",
        f"{percent} % CI",
        f"CI {percent}%",
        f"{percent}% confidence interval",
        f"{percent} % confidence limits",
        f"{percent}%CI",
        f"CI({percent}%)",
        f"CI{percent}",
        f"confidence level {percent}%",
        f"{percent} percent confidence interval",
        f"confidence level {float(percent) / 100:g}",
        f"{percent}% interval",
    )
