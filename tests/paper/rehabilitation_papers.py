# ruff: noqa: E501
"""Results of invented rehabilitation trials in the phrases of journals, from drawn data.

Each paragraph is a template over one drawn trial; every statistic is computed by scipy or statsmodels
from unrounded data and printed in the habits of one paper. None of it may be accused. `planted`
moves one p or estimate far beyond rounding where the text prints all that a check needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from tests.paper.honest_texts import Style

Paragraph = Callable[["Trial"], tuple[str, int]]
LARGE = 8.0


class Trial(Style):
    """Two arms of a trial with its paper's habits; `wrong` moves the p of every statistic."""

    def __init__(self, seed: int, *, wrong: bool = False) -> None:
        super().__init__(seed)
        self.wrong = wrong
        self.comma = False
        if wrong:
            self.p_style, self.p_decimals = "exact", 3
        self.n1, self.n2 = self.pick.randint(12, 60), self.pick.randint(12, 60)
        self.effect = self.pick.choice([0.0, 0.3, 0.6, 0.9])
        scale = self.pick.choice([1.5, 6.0, 15.0])
        self.a = self.rng.normal(20, scale, self.n1)
        self.b = self.rng.normal(20 - self.effect * scale, scale, self.n2)
        self.free = self.n1 + self.n2 - 2
        self.t = stats.ttest_ind(self.a, self.b)
        self.ends = self.t.confidence_interval(0.95)
        self.md = float(self.a.mean() - self.b.mean())

    def p(self, value: float) -> str:
        if self.wrong:
            value = value * LARGE if value < 0.08 else value / LARGE
            value = min(max(value, 0.016), 0.97)
        return super().p(value)

    def x(self, value: float, places: int = 2, *, zero: bool = True) -> str:
        return self.number(value, places, zero=zero)

    def ci(self, low: float | None = None, high: float | None = None, mark: str = " to ") -> str:
        low, high = self.ends if low is None or high is None else (low, high)
        return f"{self.x(low)}{mark}{self.x(high)}"

    def tp(self) -> str:
        return self.p(float(self.t.pvalue))

    def f(self, groups: int = 3) -> tuple[float, int, int, float]:
        drawn = [
            self.rng.normal(self.effect * k / 2, 1, self.pick.randint(9, 30)) for k in range(groups)
        ]
        found = stats.f_oneway(*drawn)
        return (
            float(found.statistic),
            groups - 1,
            sum(map(len, drawn)) - groups,
            float(found.pvalue),
        )

    def ratio(self) -> tuple[float, float, float, float]:
        log, se = self.rng.normal(0.4, 0.5), self.rng.uniform(0.15, 0.5)
        point, low, high = map(float, np.exp([log, log - 1.96 * se, log + 1.96 * se]))
        return (point, low, high, float(2 * stats.norm.sf(abs(log / se))))

    def chi(self) -> tuple[float, int, float]:
        table = self.rng.integers(5, 30, (2, 2))
        found = stats.chi2_contingency(table, correction=False)
        return float(found.statistic), int(table.sum()), float(found.pvalue)

    def r(self) -> tuple[float, int, float]:
        n = self.pick.randint(12, 80)
        u = self.rng.normal(size=n)
        found = stats.pearsonr(u, 0.4 * u + self.rng.normal(size=n))
        return float(found.statistic), n, float(found.pvalue)

    def within(self, arm: np.ndarray) -> tuple[float, float, float, float]:
        """Return mean change with its interval and p, of changes drawn for an arm."""
        change = self.rng.normal(-2, 2.5, len(arm))
        found = stats.ttest_1samp(change, 0)
        ends = found.confidence_interval(0.95)
        return float(change.mean()), float(ends.low), float(ends.high), float(found.pvalue)

    def slope(self) -> tuple[float, float, float, float, int]:
        n = self.pick.randint(20, 80)
        u = self.rng.normal(size=n)
        found = stats.linregress(u, 0.4 * u + self.rng.normal(size=n))
        return (
            float(found.slope), float(found.stderr), float(found.slope / found.stderr),
            float(found.pvalue), n - 2,
        )  # fmt: skip

    def spherical(self, k: int = 3) -> tuple[float, float, int, int, float]:
        """Return F, epsilon, uncorrected df and the corrected p of repeated measures."""
        n = self.pick.randint(10, 40)
        f, eps = float(self.rng.uniform(0.5, 8)), float(self.rng.uniform(1 / (k - 1), 1))
        d1, d2 = k - 1, (k - 1) * (n - 1)
        return f, eps, d1, d2, float(stats.f.sf(f, d1 * eps, d2 * eps))


def _md(text: str) -> Paragraph:
    """A mean difference with its interval, in one phrase."""

    def made(s: Trial) -> tuple[str, int]:
        low, high = s.x(s.ends.low), s.x(s.ends.high)
        fields = {"md": s.x(s.md), "size": s.x(abs(s.md)), "low": low, "high": high, "p": s.tp()}
        fields |= {"t": s.x(float(s.t.statistic)), "df": str(s.free), "n1": str(s.n1)}
        fields |= {"n2": str(s.n2), "se": s.x(float(s.md / s.t.statistic))}
        return text.format(**fields), 1

    return made


DIFFERENCES = [
    _md(text)
    for text in (
        "Pain at week 6 was lower with backward walking (MD {md}, 95% CI {low} to {high}; {p}).",
        "There was a between-group difference of {md} points (95% CI {low} to {high}, {p}).",
        "At 12 weeks the adjusted mean difference was {md} (95% CI {low}, {high}), {p}.",
        "The mean difference in stride length, adjusted for speed, was {md} cm (95% CI {low} to "
        "{high}; {p}).",
        "BW vs FW: mean difference [95% CI] = {md} [{low}; {high}], {p}",
        "mean difference (95% CI): {md} ({low} to {high}), {p}",
        "Knee flexion improved more after backward walking: difference {md}° "
        "(95% confidence interval {low} to {high}; {p}).",
        "The groups differed by {size} mm in favour of backward walking (95% CI {low} to {high}; "
        "{p}).",
        "Sway fell by {size} (95% CI {low} to {high}, {p}) more with backward walking.",
        "MD, {md}; 95% CI, {low} to {high}; {p}; n = {n1} and {n2}.",
        "(MD = {md}; CI95% = {low} to {high}; {p})",
        "MD {md}, 95% CI of the difference {low} to {high}, {p}.",
        "Berg score: t({df}) = {t}, {p}, mean difference {md}, 95% CI [{low}, {high}].",
        "mean difference = {md}, t({df}) = {t}, {p}, d = 0.31, 95% CI [-0.22, 0.84].",
        "(mean difference {md}, SE {se}; t = {t}, df = {df}, {p})",
        "The groups were compared with Student's t test: t = {t}; df {df}; {p}.",
        "t[{df}] = {t}; {p}; TUG, {n1} vs {n2} people",
        "After 6 weeks (24 sessions) the t-test gave t{df} = {t}, {p}.",
        "The between-group difference at week 6 (95% CI {low} to {high}; {p}) was small.",
        "(difference {md}, {low} to {high}; {p})",
    )
]


def two_p_in_a_list(s: Trial) -> tuple[str, int]:
    other = stats.ttest_ind(s.rng.normal(size=s.n1), s.rng.normal(size=s.n2))
    text = (
        f"Pain and function differed, t({s.free}) = {s.x(float(s.t.statistic))} and t({s.free}) = "
        f"{s.x(float(other.statistic))}, {s.tp()} and {s.p(float(other.pvalue))}, respectively."
    )
    return text, 3


def two_changes_one_p(s: Trial) -> tuple[str, int]:
    first, second = s.within(s.a), s.within(s.b)
    text = (
        f"The mean change was {s.x(first[0])} (95% CI {s.ci(first[1], first[2])}) with backward and "
        f"{s.x(second[0])} (95% CI {s.ci(second[1], second[2])}) with forward walking ({s.tp()})."
    )
    return text, 2


def differences_of_each_arm(s: Trial) -> tuple[str, int]:
    first, second = s.within(s.a), s.within(s.b)
    return (
        f"Mean difference from baseline: backward {s.x(first[0])} (95% CI {s.ci(*first[1:3])}), "
        f"forward {s.x(second[0])} (95% CI {s.ci(*second[1:3])}), {s.tp()}."
    ), 2


def falls_in_words(s: Trial) -> tuple[str, int]:
    change, low, high, p = s.within(s.a)
    return (
        f"Pain fell by {s.x(abs(change))} points (95% CI {s.ci(low, high)}; {s.p(p)}) in the "
        "backward group."
    ), 1


def anova(s: Trial) -> tuple[str, int]:
    f, d1, d2, p = s.f()
    eta = f * d1 / (f * d1 + d2)
    return f"One-way ANOVA, F({d1}, {d2}) = {s.x(f)}, {s.p(p)}, ηp² = {s.x(eta)}.", 2


def anova_percent(s: Trial) -> tuple[str, int]:
    f, d1, d2, p = s.f()
    eta = 100 * f * d1 / (f * d1 + d2)
    return f"The three groups differed (F{d1},{d2} = {s.x(f)}; {s.p(p)}; η² = {s.x(eta, 1)}%).", 2


def anova_behind(s: Trial) -> tuple[str, int]:
    f, d1, d2, p = s.f(2)
    return f"Group effect: F = {s.x(f)}, df = {d1}, {d2}, {s.p(p)}, observed power .81.", 1


def sphericity(s: Trial) -> tuple[str, int]:
    f, eps, d1, d2, p = s.spherical(s.pick.choice([3, 4]))
    word = s.pick.choice(
        [
            f"There was an effect of speed, F({d1}, {d2}) = {s.x(f)}, {s.p(p)}.",
            f"A main effect of walking direction over three conditions, F({d1}, {d2}) = {s.x(f)}, "
            f"{s.p(p)}, was found.",
            f"F({d1}, {d2}) = {s.x(f)}, ε = {s.x(eps)}, {s.p(p)}",
            f"Group × time: F({d1},{d2}) = {s.x(f)}, {s.p(p)}.",
            f"F({s.x(d1 * eps)}, {s.x(d2 * eps)}) = {s.x(f)}, {s.p(p)} (Greenhouse–Geisser).",
        ]
    )
    return word, 1


def satterthwaite(s: Trial) -> tuple[str, int]:
    t, df = float(s.rng.normal(1.5, 1.2)), float(s.rng.uniform(15, 120))
    se = float(s.rng.uniform(0.2, 2))
    p = float(2 * stats.t.sf(abs(t), df))
    return (
        f"In the linear mixed model (estimate = {s.x(t * se)}, SE = {s.x(se)}, "
        f"t({s.x(df, 1)}) = {s.x(t)}, {s.p(p)}) arm and visit interacted."
    ), 1


def odds(s: Trial) -> tuple[str, int]:
    value, low, high, p = s.ratio()
    name = s.pick.choice(["OR", "adjusted OR", "aOR =", "odds ratio", "HR,", "hazard ratio", "RR"])
    mark = s.pick.choice([" to ", "–", ", ", "; "])
    level = s.pick.choice(["95% CI", "95% CI:", "95 % CI", "95% CI,", "IC 95%", "95%-KI"])
    return f"{name} {s.x(value)} ({level} {s.ci(low, high, mark)}; {s.p(p)})", 1


def ratio_then_score(s: Trial) -> tuple[str, int]:
    value, low, high, p = s.ratio()
    return (
        f"The odds ratio was {s.x(value)} (95% CI {s.ci(low, high)}; {s.p(p)}) and pain changed by "
        f"{s.x(s.md)} points (95% CI {s.ci()}; {s.tp()})."
    ), 2


def chi_square(s: Trial) -> tuple[str, int]:
    value, n, p = s.chi()
    form = s.pick.choice(
        ["χ²(1, N = {n}) = {v}", "χ2 = {v}, df = 1", "chi2(1, N={n}) = {v}", "χ²1 = {v}",
         "Chi² = {v}, df = 1", "χ2(1) = {v}"]
    )  # fmt: skip
    return f"More people improved, {form.format(n=n, v=s.x(value))}, {s.p(p)}.", 1


def fisher_in_methods(s: Trial) -> tuple[str, int]:
    table = s.rng.integers(4, 15, (2, 2))
    found = stats.chi2_contingency(table, correction=False)
    p = float(stats.fisher_exact(table)[1]) if found.pvalue > 0.02 else float(found.pvalue)
    return (
        "Counts were compared with the chi-square or Fisher's exact test. Falls did not differ, "
        f"χ2(1) = {s.x(float(found.statistic))}, {s.p(p)}."
    ), 1


def ranks(s: Trial) -> tuple[str, int]:
    n1, n2 = s.pick.randint(8, 14), s.pick.randint(8, 14)
    a, b = s.rng.normal(0, 1, n1), s.rng.normal(s.effect, 1, n2)
    found = stats.mannwhitneyu(a, b, method="exact")
    u = min(float(found.statistic), n1 * n2 - float(found.statistic))
    z = (u - n1 * n2 / 2) / math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    p = float(found.pvalue)
    return f"Mann-Whitney U = {s.x(u, 1)}, z = {s.x(z)}, {s.p(p)} (exact).", 1


def correlation(s: Trial) -> tuple[str, int]:
    r, n, p = s.r()
    form = s.pick.choice(
        ["r({df}) = {r}, {p}", "r = {r} (n = {n}, {p})", "Pearson's r = {r}; n = {n}; {p}"]
    )
    return f"Sway and pain: {form.format(df=n - 2, n=n, r=s.x(r), p=s.p(p))}.", 1


def coefficient(s: Trial) -> tuple[str, int]:
    b, se, t, p, df = s.slope()
    q = float(stats.t.ppf(0.975, df))
    form = s.pick.choice(
        [
            f"b = {s.x(b)}, 95% CI [{s.ci(b - q * se, b + q * se, ', ')}], {s.p(p)}",
            f"β = {s.x(b)}, SE = {s.x(se)}, {s.p(p)}",
            f"B = {s.x(b)} (SE {s.x(se)}), t({df}) = {s.x(t)}, {s.p(p)}",
            f"β = {s.x(b)} (95% CI {s.ci(b - q * se, b + q * se)}; {s.p(p)})",
        ]
    )
    return f"Stride length predicted pain ({form}).", 1


def corrected(s: Trial) -> tuple[str, int]:
    p = min(1.0, float(s.t.pvalue) * 3)
    words = s.pick.choice(
        ["P values were multiplied by three (Bonferroni).", "p values were corrected for multiple tests.",
         "Benjamini and Hochberg's method was used.", "Post hoc tests followed.",
         "Significance was set at p < 0.05 after correction."]
    )  # fmt: skip
    return f"{words} Pain differed, t({s.free}) = {s.x(float(s.t.statistic))}, {s.p(p)}.", 1


def shares(s: Trial) -> tuple[str, int]:
    k, n = s.pick.randint(3, 20), s.pick.randint(24, 40)
    share = s.x(100 * k / n, 1)
    text = s.pick.choice(
        [
            f"In all, {k} of {n} participants ({share}%) fell.",
            f"Of {n}, {k} of {n} participants, 71% of whom were women, finished.",
            f"They attended a mean of {k} of {n} sessions ({s.x(100 * (k + 0.3) / n, 1)}%).",
            f"{share}% ({k}/{n}) improved, and 5% level of significance was used.",
            f"Retention was {k}/{n} ({share}%); adverse events were rare (p < 5%).",
        ]
    )
    return text, 1


def other_letters(s: Trial) -> tuple[str, int]:
    text = s.pick.choice(
        [
            f"At P = 120 W the pressure was p = 101 kPa, {s.tp()}.",
            f"At T12 = 4.8 points, {s.tp()}; at T6 = 5.1 points.",
            f"The height was H = 1.75 m and the force F = 250 N ({s.tp()}).",
            f"Heart rate was HR 118 (95% CI 112 to 124), {s.tp()}.",
        ]
    )
    return text, 1


def review(s: Trial) -> tuple[str, int]:
    q, k = float(s.rng.uniform(2, 25)), s.pick.randint(4, 9)
    z = float(s.rng.normal(1.5, 1))
    i2 = max(0.0, 100 * (q - k + 1) / q)
    return (
        f"Heterogeneity: Tau² = 0.12; Chi² = {s.x(q)}, df = {k - 1} "
        f"({s.p(float(stats.chi2.sf(q, k - 1)))}); I² = {s.x(i2, 0)}%. Test for overall effect: "
        f"Z = {s.x(z)} ({s.p(float(2 * stats.norm.sf(abs(z))))})."
    ), 2


def one_sided(s: Trial) -> tuple[str, int]:
    p = float(stats.t.sf(abs(float(s.t.statistic)), s.free))
    said = s.pick.choice(["one-sided ", "", ""])
    after = "" if said else s.pick.choice([" (one-tailed)", ", one-sided", ""])
    if s.p_style in ("ns", "bound"):
        said = "one-sided "
    return f"t({s.free}) = {s.x(float(s.t.statistic))}, {said}{s.p(p)}{after}.", 1


def margin(s: Trial) -> tuple[str, int]:
    se = float(s.md / s.t.statistic)
    p = float(stats.t.sf((s.md + 6) / se, s.free))
    return (
        f"Backward walking was non-inferior (difference {s.x(s.md)}, 95% CI {s.ci()}; margin 6, "
        f"{s.p(p)})."
    ), 1


def bootstrap(s: Trial) -> tuple[str, int]:
    return (
        f"Bootstrapped mean difference {s.x(s.md)} (BCa 95% CI {s.ci(s.ends.low * 0.9 - 0.2, s.ends.high)}; "
        f"{s.p(min(1.0, float(s.t.pvalue) * 1.3))})."
    ), 1


def broken_lines(s: Trial) -> tuple[str, int]:
    return (
        f"Pain differed between the\ngroups (t({s.free}) =\n{s.x(float(s.t.statistic))}, {s.tp()}), and so did sta-\n"
        f"bility (MD\n{s.x(s.md)}, 95%\nCI {s.x(s.ends.low)} to\n{s.x(s.ends.high)}; {s.tp()})."
    ), 2


def european(s: Trial) -> tuple[str, int]:
    s.comma = True
    text = (
        f"Der Schmerz sank, t({s.free}) = {s.x(float(s.t.statistic))}; {s.tp()} (MD {s.x(s.md)}; 95%-KI "
        f"{s.x(s.ends.low)} bis {s.x(s.ends.high)}; {s.tp()})."
    )
    s.comma = False
    return text, 2


PARAGRAPHS: tuple[Paragraph, ...] = (
    *DIFFERENCES, two_p_in_a_list, two_changes_one_p, differences_of_each_arm, falls_in_words, anova,
    anova_percent, anova_behind, sphericity, satterthwaite, odds, ratio_then_score, chi_square,
    fisher_in_methods, ranks, correlation, coefficient, corrected, shares, other_letters, review,
    one_sided, margin, bootstrap, broken_lines, european,
)  # fmt: skip
# What a check can hold against the paper: its p, sides aside, follows from what stands beside it.
HELD: tuple[Paragraph, ...] = (
    *DIFFERENCES[:7], *DIFFERENCES[9:18], anova, anova_percent, anova_behind, odds, ratio_then_score,
    chi_square, correlation, coefficient, review, satterthwaite, european, broken_lines,
)  # fmt: skip


def paragraph(seed: int, *, wrong: bool = False) -> tuple[str, str, int]:
    """Return which paragraph, its text, and how many statistics it prints."""
    kinds = HELD if wrong else PARAGRAPHS
    place = seed % len(kinds)
    text, count = kinds[place](Trial(seed, wrong=wrong))
    return f"{place} {getattr(kinds[place], '__name__', '')}", text, count
