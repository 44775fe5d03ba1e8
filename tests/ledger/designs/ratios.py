"""Ratios: odds, risks, hazards, rates; Wald, likelihood, profile, exact and rank-based ways."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special, stats

from tests.ledger.designs import wording as say
from tests.ledger.designs.computed import Effect, cox, log_odds, logistic, profile_limits, ratio_of
from tests.ledger.designs.drawn import responders
from tests.ledger.designs.paper import Paper, Redraw, Told, honest

OR_LABELS = ("odds ratio", "OR", "odds ratio (OR)", "odds-ratio")
RR_LABELS = ("risk ratio", "relative risk", "RR", "risk ratio (RR)")
HR_LABELS = ("hazard ratio", "HR", "hazard ratio (HR)", "hazards ratio")
IRR_LABELS = ("incidence rate ratio", "rate ratio", "IRR", "incidence-rate ratio")


def ratio_columns(scale: str, level: str = "95", **more: Told) -> dict[str, Told]:
    """Return what the columns say of a ratio."""
    told = say.levels(level) if level != "95" else ()
    return {
        "scale": (scale, ()),
        "null": ("1", ()),
        "sided": ("two", ()),
        "ci_level": (level, told),
        **more,
    }


def _printed(paper: Paper, one: Effect) -> dict[str, str]:
    return {
        "estimate": paper.show(one.estimate, 2),
        "ci_low": paper.show(one.low, 2),
        "ci_high": paper.show(one.high, 2),
    }


def _odds(paper: Paper, method: str, level: str = "95") -> None:
    cells, events, sizes = responders(paper)
    theta, se = log_odds(events[0], sizes[0] - events[0], events[1], sizes[1] - events[1])
    one = ratio_of(theta, se, float(level) / 100)
    paper.compared(
        paper.any_of(OR_LABELS),
        p=one.p,
        method=method,
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("odds ratio", level),
    )


@honest
def or_wald_unnamed(paper: Paper) -> None:
    """Crude odds ratio; no method."""
    _odds(paper, "")


@honest
def or_wald(paper: Paper) -> None:
    """Crude odds ratio by Wald."""
    _odds(paper, paper.any_of(say.WALD))


@honest
def or_logistic(paper: Paper) -> None:
    """Crude odds ratio by logistic regression."""
    _odds(paper, paper.any_of(say.LOGISTIC))


@honest
def or_ci90(paper: Paper) -> None:
    """Crude odds ratio with a 90 % interval and the two-sided p."""
    _odds(paper, paper.any_of(("", *say.LOGISTIC)), "90")


@honest
def or_inverted(paper: Paper) -> None:
    """The odds ratio is that of the second arm against the first."""
    cells, events, sizes = responders(paper)
    theta, se = log_odds(events[0], sizes[0] - events[0], events[1], sizes[1] - events[1])
    one = ratio_of(-theta, se)
    told = f"reference: {cells['arm_a']}"
    paper.compared(
        paper.any_of(OR_LABELS),
        p=one.p,
        method=paper.any_of(say.LOGISTIC),
        **cells,
        **_printed(paper, one),
        said=[(told, f"ref {cells['arm_a']}")],
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_of_not_responding(paper: Paper) -> None:
    """The odds ratio is that of the other outcome (no response); the counts are of response."""
    cells, events, sizes = responders(paper)
    theta, se = log_odds(events[0], sizes[0] - events[0], events[1], sizes[1] - events[1])
    one = ratio_of(-theta, se)
    told = ("odds of non-response", "OR for not improving", "odds ratio of treatment failure")
    paper.compared(
        paper.any_of(OR_LABELS),
        p=one.p,
        method="logistic regression",
        **cells,
        **_printed(paper, one),
        said=[told],
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_likelihood_ratio_p(paper: Paper) -> None:
    """Wald interval beside a likelihood-ratio p."""
    cells, events, sizes = responders(paper, low=10, high=30)
    theta, se = log_odds(events[0], sizes[0] - events[0], events[1], sizes[1] - events[1])
    arm = np.repeat([1.0, 0.0], sizes)
    y = np.concatenate([np.arange(n) < e for e, n in zip(events, sizes, strict=True)]).astype(float)
    p = stats.chi2.sf(2 * (logistic([arm], y)[2] - logistic([], y)[2]), 1)
    told = ("likelihood-ratio test", "LR test p", "likelihood ratio chi-square", "LRT")
    paper.compared(
        paper.any_of(OR_LABELS),
        p=float(p),
        method="logistic regression",
        said=[told],
        **cells,
        **_printed(paper, ratio_of(theta, se)),
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_profile_interval(paper: Paper) -> None:
    """Profile-likelihood interval beside a Wald p."""
    cells, events, sizes = responders(paper, low=10, high=30)
    theta, se = log_odds(events[0], sizes[0] - events[0], events[1], sizes[1] - events[1])
    low, high = np.exp(profile_limits(events, sizes))
    told = ("profile likelihood CI", "profile-likelihood interval", "profiled confidence limits")
    printed = _printed(paper, ratio_of(theta, se)) | {
        "ci_low": paper.show(low, 2),
        "ci_high": paper.show(high, 2),
    }
    paper.compared(
        paper.any_of(OR_LABELS),
        p=ratio_of(theta, se).p,
        said=[told],
        **cells,
        **printed,
        method="logistic regression",
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_fisher_p(paper: Paper) -> None:
    """Woolf's interval beside Fisher's p."""
    cells, events, sizes = responders(paper, low=10, high=30)
    table = [[e, n - e] for e, n in zip(events, sizes, strict=True)]
    theta, se = log_odds(*table[0], *table[1])
    paper.compared(
        paper.any_of(OR_LABELS),
        p=float(stats.fisher_exact(np.array(table)).pvalue),
        **cells,
        method=paper.any_of(say.FISHER),
        **_printed(paper, ratio_of(theta, se)),
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_chi_square_p(paper: Paper) -> None:
    """Woolf's interval beside the p of Pearson's or Yates' chi-square."""
    cells, events, sizes = responders(paper, low=10, high=30)
    table = [[e, n - e] for e, n in zip(events, sizes, strict=True)]
    theta, se = log_odds(*table[0], *table[1])
    p = stats.chi2_contingency(table, correction=paper.chance(0.5)).pvalue
    paper.compared(
        paper.any_of(OR_LABELS),
        p=float(p),
        method=paper.any_of(say.CHI_SQUARE_UNNAMED),
        **cells,
        **_printed(paper, ratio_of(theta, se)),
        columns=ratio_columns("odds ratio"),
    )


@honest
def or_adjusted_crude_counts(paper: Paper) -> None:
    """Counts are crude, the odds ratio is adjusted and says so in one of many ways."""
    (first, second), sizes = paper.two_arms(30, 70)
    arm = np.repeat([1.0, 0.0], sizes)
    age = paper.rng.normal(0, 1, len(arm)) + 0.5 * arm
    y = (paper.rng.random(len(arm)) < special.expit(0.7 * arm - 0.9 * age)).astype(float)
    beta, cover, _ = logistic([arm, age], y)
    for name, is_arm in ((first, arm == 1), (second, arm == 0)):
        paper.arm(
            name,
            outcome="responders",
            instrument="count",
            unit="events",
            n=int(is_arm.sum()),
            mean=int(y[is_arm].sum()),
        )
    one = ratio_of(beta[0], np.sqrt(cover[0, 0]))
    told = (
        "adjusted for age",
        "aOR",
        "multivariable logistic regression",
        "multivariate analysis",
        "controlling for age and sex",
        "adjusted odds ratio",
        "age- and sex-adjusted",
        "logistic regression with age and BMI as covariates",
    )
    paper.compared(
        paper.any_of(OR_LABELS),
        outcome="responders",
        arm_a=first,
        arm_b=second,
        p=one.p,
        said=[told],
        **_printed(paper, one),
        columns=ratio_columns("odds ratio", model=("adjusted for age", ())),
    )


@honest
def or_mantel_haenszel(paper: Paper) -> None:
    """Stratified odds ratio with the interval of Robins, Breslow and Greenland."""
    (first, second), _ = paper.two_arms(20, 40)
    sizes = paper.rng.integers(12, 40, size=(2, 2))
    share = np.array([[0.7, 0.55], [0.4, 0.25]])
    events = paper.rng.binomial(sizes, share)
    a, c = events[:, 0], events[:, 1]
    b, d, n = sizes[:, 0] - a, sizes[:, 1] - c, sizes.sum(axis=1)
    r, s, u = a * d / n, b * c / n, (a + d) / n
    if min(r.sum(), s.sum()) <= 0:
        raise Redraw
    spread = (
        (u * r).sum() / (2 * r.sum() ** 2)
        + (u * s + (1 - u) * r).sum() / (2 * r.sum() * s.sum())
        + ((1 - u) * s).sum() / (2 * s.sum() ** 2)
    )
    one = ratio_of(np.log(r.sum() / s.sum()), np.sqrt(spread))
    paper.designed("2-arm RCT", {first: int(sizes[:, 0].sum()), second: int(sizes[:, 1].sum())})
    for arm, column in ((first, 0), (second, 1)):
        paper.arm(
            arm,
            outcome="responders",
            instrument="count",
            unit="events",
            n=int(sizes[:, column].sum()),
            mean=int(events[:, column].sum()),
        )
    told = (
        "Mantel-Haenszel, stratified by site",
        "Mantel-Haenszel",
        "Cochran-Mantel-Haenszel test",
        "stratified by sex (M-H)",
    )
    paper.compared(
        paper.any_of(OR_LABELS),
        outcome="responders",
        arm_a=first,
        arm_b=second,
        p=one.p,
        method=paper.any_of(told),
        **_printed(paper, one),
        columns=ratio_columns("odds ratio", model=("Mantel-Haenszel", ())),
    )


def _risk(paper: Paper, p_by: str) -> None:
    cells, events, sizes = responders(paper)
    (a, c), (n1, n2) = events, sizes
    one = ratio_of(np.log(a / n1 / (c / n2)), np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2))
    table = [[a, n1 - a], [c, n2 - c]]
    p, method = {
        "wald": (one.p, ("", "log-binomial regression", "RevMan", "modified Wald")),
        "chi": (float(stats.chi2_contingency(table, correction=False).pvalue), say.CHI_SQUARE),
        "fisher": (float(stats.fisher_exact(np.array(table)).pvalue), say.FISHER),
    }[p_by]
    paper.compared(
        paper.any_of(RR_LABELS),
        p=p,
        method=paper.any_of(method),
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("risk ratio"),
    )


@honest
def rr_katz(paper: Paper) -> None:
    """Risk ratio with Katz' interval and its own p."""
    _risk(paper, "wald")


@honest
def rr_chi_square_p(paper: Paper) -> None:
    """Risk ratio beside the p of a chi-square test."""
    _risk(paper, "chi")


@honest
def rr_fisher_p(paper: Paper) -> None:
    """Risk ratio beside Fisher's p."""
    _risk(paper, "fisher")


@honest
def or_two_missing(paper: Paper) -> None:
    """The table counts all who were randomised; the odds ratio is of those who stayed."""
    (first, second), sizes = paper.two_arms(25, 70)
    lost = [int(k) for k in paper.rng.integers(2, 8, size=2)]
    stayed = [n - k for n, k in zip(sizes, lost, strict=True)]
    events = [int(paper.rng.binomial(n, 0.5)) for n in stayed]
    theta, se = log_odds(events[0], stayed[0] - events[0], events[1], stayed[1] - events[1])
    for arm, n, count, at in zip((first, second), sizes, events, stayed, strict=True):
        paper.arm(
            arm,
            outcome="responders",
            instrument="count",
            unit="events",
            n=n,
            mean=count,
            note=f"{count}/{at} with data",
        )
    one = ratio_of(theta, se)
    told = ("complete case", "participants with data", "missing excluded", "available cases")
    paper.compared(
        paper.any_of(OR_LABELS),
        outcome="responders",
        arm_a=first,
        arm_b=second,
        p=one.p,
        method="logistic regression",
        said=[told],
        **_printed(paper, one),
        columns=ratio_columns("odds ratio"),
    )


def _survival(paper: Paper) -> tuple[dict[str, str], Effect, float]:
    (first, second), sizes = paper.two_arms(25, 60)
    arm = np.repeat([1.0, 0.0], sizes)
    hazard = np.exp(paper.rng.uniform(-0.8, 0.8) * arm)
    time = paper.rng.exponential(10 / hazard)
    gone = paper.rng.exponential(20, len(arm))
    beta, se, logrank = cox(np.minimum(time, gone), time <= gone, arm)
    paper.age(len(arm))
    cells = {"outcome": "time to relief", "arm_a": first, "arm_b": second}
    return cells, ratio_of(beta, se), logrank


def _hazard(paper: Paper, method: str) -> None:
    cells, one, _ = _survival(paper)
    paper.compared(
        paper.any_of(HR_LABELS),
        p=one.p,
        method=method,
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("hazard ratio", model=("Cox", ())),
    )


@honest
def hr_cox(paper: Paper) -> None:
    """Hazard ratio by Wald, in the field's many names for the model."""
    _hazard(paper, paper.any_of(say.COX))


@honest
def hr_cox_regression(paper: Paper) -> None:
    """Hazard ratio by Wald; method 'Cox regression'."""
    _hazard(paper, "Cox regression")


@honest
def hr_unnamed(paper: Paper) -> None:
    """Hazard ratio; no method."""
    _hazard(paper, "")


@honest
def hr_logrank_p(paper: Paper) -> None:
    """The p of the log-rank test beside the Wald interval of a hazard ratio."""
    cells, one, p = _survival(paper)
    told = ("log-rank test", "logrank p", "Kaplan-Meier, log-rank", "Mantel-Cox")
    paper.compared(
        paper.any_of(HR_LABELS),
        p=p,
        said=[told],
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("hazard ratio"),
    )


def _falls(paper: Paper, shape: float) -> tuple[dict[str, str], list[np.ndarray]]:
    (first, second), sizes = paper.two_arms(25, 60)
    rates = paper.rng.uniform(0.5, 2.0, size=2)
    falls = [
        paper.rng.poisson(rate * paper.rng.gamma(shape, 1 / shape, n))
        for rate, n in zip(rates, sizes, strict=True)
    ]
    if min(one.sum() for one in falls) < 3:
        raise Redraw
    return {"outcome": "falls", "arm_a": first, "arm_b": second}, falls


@honest
def rate_ratio_poisson(paper: Paper) -> None:
    """Incidence rate ratio with person-time."""
    cells, falls = _falls(paper, 1e6)
    years = [paper.rng.uniform(0.5, 1, len(one)).sum() for one in falls]
    a, c = (int(one.sum()) for one in falls)
    one = ratio_of(np.log(a / years[0] / (c / years[1])), np.sqrt(1 / a + 1 / c))
    paper.age(sum(len(arm) for arm in falls))
    paper.compared(
        paper.any_of(IRR_LABELS),
        p=one.p,
        method=paper.any_of(say.POISSON),
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("rate ratio", model=("Poisson", ())),
    )


@honest
def rate_ratio_negative_binomial(paper: Paper) -> None:
    """Rate ratio of a negative binomial model; the counts of falls are printed as well."""
    cells, falls = _falls(paper, 1.0)
    means = [one.mean() for one in falls]

    def loss(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return -float(
            sum(
                stats.nbinom.logpmf(one, shape, shape / (shape + mean)).sum()
                for one, mean in zip(falls, means, strict=True)
            )
        )

    shape = np.exp(optimize.minimize_scalar(loss, bounds=(-4, 6), method="bounded").x)
    spread = sum(
        (1 + mean / shape) / (mean * len(one)) for one, mean in zip(falls, means, strict=True)
    )
    one = ratio_of(np.log(means[0] / means[1]), np.sqrt(spread))
    for arm, counts in zip((cells["arm_a"], cells["arm_b"]), falls, strict=True):
        paper.arm(
            arm,
            outcome="falls",
            instrument="count",
            unit="events",
            n=len(counts),
            mean=int(counts.sum()),
        )
    told = ("negative binomial regression", "negative binomial model", "NB regression, log link")
    paper.compared(
        paper.any_of(IRR_LABELS),
        p=one.p,
        method=paper.any_of(told),
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("rate ratio", model=("negative binomial", ())),
    )


@honest
def win_ratio(paper: Paper) -> None:
    """A win ratio: a ratio whose name is in no list of the usual ones."""
    cells, *_ = responders(paper, print_counts=False)
    one = ratio_of(float(paper.rng.normal(0, 0.4)), 0.25)
    paper.compared(
        paper.any_of(
            (
                "win ratio",
                "proportional odds ratio",
                "subdistribution hazard ratio",
                "prevalence ratio",
                "ratio of odds ratios",
                "likelihood ratio +",
            )
        ),
        p=one.p,
        **cells,
        **_printed(paper, one),
        columns={"ci_level": ("95", ())},
    )


@honest
def ratio_label_unread(paper: Paper) -> None:
    """A ratio whose label says nothing: 'effect', 'estimate', 'group'."""
    cells, *_ = responders(paper, print_counts=False)
    one = ratio_of(float(paper.rng.normal(0, 0.6)), 0.3)
    paper.compared(
        paper.any_of(("effect", "estimate", "group", "treatment effect", "exp(b)")),
        p=one.p,
        **cells,
        **_printed(paper, one),
        columns=ratio_columns("odds ratio"),
    )
