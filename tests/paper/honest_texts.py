"""Honest statistics in random styles: data are drawn, p comes from unrounded numbers.

Every statistic is computed by scipy on drawn data or from a drawn statistic; the text prints it the
way papers do. Nothing here may be judged `not_reproduced` or `inputs_inconsistent`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
from scipy import stats

Draw = Callable[["Style"], tuple[str, str]]


class Style:
    """One paper's habits of print."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.rng = np.random.default_rng(seed)
        self.rounding = self.pick.choice([ROUND_HALF_UP, ROUND_HALF_EVEN])
        self.decimals = self.pick.choice([1, 2, 2, 2, 3])
        self.p_decimals = self.pick.choice([2, 3, 3, 4])
        self.p_letter = self.pick.choice(["p", "P", "p", "*p*", "<i>P</i>", "p-value", "p value"])
        self.zero = self.pick.choice([True, False])
        self.space = self.pick.choice([" ", "", "\u2009", "\u00a0", " "])
        self.minus = self.pick.choice(["-", "\u2212", "\u2013", "-"])
        self.open, self.close = self.pick.choice([("(", ")"), ("(", ")"), ("[", "]")])
        self.between = self.pick.choice([", ", "; ", ", ", ",\n", "; "])
        self.comma = self.pick.random() < 0.12
        self.p_style = self.pick.choice(["exact", "exact", "exact", "bound", "ns", "spss"])

    def number(self, value: float, decimals: int | None = None, *, zero: bool = True) -> str:
        places = self.decimals if decimals is None else decimals
        unit = Decimal(1).scaleb(-places)
        text = str(abs(Decimal(repr(float(value))).quantize(unit, rounding=self.rounding)))
        if not zero and text.startswith("0."):
            text = text[1:]
        sign = self.minus if value < 0 and any(d != "0" for d in text if d.isdigit()) else ""
        return sign + (text.replace(".", ",") if self.comma else text)

    def p(self, value: float) -> str:
        s, zero = self.space, self.zero or self.comma
        if self.p_style == "ns" and value > 0.05:
            return self.pick.choice(["ns", "n.s.", "NS"])
        if self.p_style == "bound" or (self.p_style == "ns"):
            for level in (0.001, 0.01, 0.05):
                if value < level:
                    number = self.number(level, len(str(level)) - 2, zero=zero)
                    return f"{self.p_letter}{s}<{s}{number}"
            return f"{self.p_letter}{s}>{s}{self.number(0.05, 2, zero=zero)}"
        smallest = 10.0**-self.p_decimals
        if value < smallest / 2 and self.p_style != "spss":
            return f"{self.p_letter}{s}<{s}{self.number(smallest, self.p_decimals, zero=zero)}"
        if self.pick.random() < 0.03 and value > 0:
            return f"{self.p_letter}{s}={s}{value:.1e}".replace(".", "," if self.comma else ".")
        return f"{self.p_letter}{s}={s}{self.number(value, self.p_decimals, zero=zero)}"

    def equals(self, letter: str, value: float, decimals: int | None = None) -> str:
        return f"{letter}{self.space}={self.space}{self.number(value, decimals)}"

    def df(self, *values: float) -> str:
        texts = [
            str(int(v)) if float(v).is_integer() else self.number(v, self.pick.choice([1, 2]))
            for v in values
        ]
        mark = "; " if self.comma else self.pick.choice([", ", ","])
        return mark.join(texts)

    def interval(
        self, low: float, high: float, level: int = 95, decimals: int | None = None
    ) -> str:
        a, b = self.number(low, decimals), self.number(high, decimals)
        mark = self.pick.choice([" to ", " to ", "; " if self.comma else ", ", " – "])
        if mark == " – " and (low < 0 or high < 0):
            mark = " to "
        ci = self.pick.choice(["% CI", "% CI", " % CI", "% confidence interval", "%CI"])
        brackets = self.pick.choice([("", ""), ("[", "]"), ("", "")])
        return (
            f"{level}{ci}{self.pick.choice([' ', ': ', ' '])}{brackets[0]}{a}{mark}{b}{brackets[1]}"
        )

    def arms(self, low: int = 8, high: int = 60) -> tuple[np.ndarray, np.ndarray]:
        n1, n2 = self.pick.randint(low, high), self.pick.randint(low, high)
        shift = self.pick.choice([0.0, 0.3, 0.6, 1.0])
        spread = self.pick.choice([1.0, 1.0, 2.0])
        scale = self.pick.choice([1.0, 1.5, 10.0])
        return self.rng.normal(0, scale, n1), self.rng.normal(shift * scale, scale * spread, n2)


def _wald(style: Style, estimate: float, se: float) -> str:
    return style.interval(estimate - 1.96 * se, estimate + 1.96 * se, 95, 2)


def _join(style: Style, *parts: str) -> str:
    return style.between.join(parts)


def student(style: Style) -> tuple[str, str]:
    a, b = style.arms()
    found = stats.ttest_ind(a, b)
    df = len(a) + len(b) - 2
    head = style.pick.choice(
        [
            style.equals(f"t{style.open}{df}{style.close}", found.statistic),
            style.equals(f"t{style.space}({df})", found.statistic),
            style.equals(f"t{df}" if df > 9 else f"t({df})", found.statistic),
            f"{style.equals('t', found.statistic)}, df = {df}",
            style.equals(f"<i>t</i>({df})", found.statistic),
        ]
    )
    return "t", _join(style, head, style.p(found.pvalue))


def welch(style: Style) -> tuple[str, str]:
    a, b = style.arms()
    found = stats.ttest_ind(a, b, equal_var=False)
    df = found.df if style.pick.random() < 0.7 else round(found.df)
    words = "Welch's test, " if style.pick.random() < 0.5 else ""
    return "t", words + _join(
        style, style.equals(f"t({style.df(df)})", found.statistic), style.p(found.pvalue)
    )


def one_tailed(style: Style) -> tuple[str, str]:
    a, b = style.arms()
    found = stats.ttest_ind(a, b, alternative="less")
    df = len(a) + len(b) - 2
    said = style.pick.choice(
        [", one-tailed", " (one-sided)", "", " (1-tailed)", ", directional test"]
    )
    if style.p_style in ("ns", "bound") and found.pvalue > 0.05:
        said = said or ", one-tailed"
    return "t", _join(
        style, style.equals(f"t({df})", found.statistic), style.p(found.pvalue)
    ) + said


def anova(style: Style) -> tuple[str, str]:
    groups = [
        style.rng.normal(style.pick.choice([0, 0.5]), 1, style.pick.randint(6, 40))
        for _ in range(style.pick.choice([2, 3, 4]))
    ]
    found = stats.f_oneway(*groups)
    d1, d2 = len(groups) - 1, sum(map(len, groups)) - len(groups)
    eta = found.statistic * d1 / (found.statistic * d1 + d2)
    head = style.equals(f"F{style.open}{style.df(d1, d2)}{style.close}", found.statistic)
    if style.pick.random() < 0.2:
        head = f"{style.equals('F', found.statistic)}, df = {d1}, {d2}"
    parts = [head, style.p(found.pvalue)]
    if style.pick.random() < 0.4:
        name = style.pick.choice(
            ["ηp²", "partial η²", "η²", "partial eta squared", "η<sub>p</sub><sup>2</sup>"]
        )
        parts.append(style.equals(name, eta, style.pick.choice([2, 3])))
    return "F", _join(style, *parts)


def repeated(style: Style) -> tuple[str, str]:
    """The p of Greenhouse and Geisser at uncorrected df, as SPSS users print it."""
    n, k = style.pick.randint(10, 40), style.pick.choice([3, 4])
    f, eps = style.rng.uniform(0.5, 8), style.rng.uniform(1 / (k - 1), 1)
    d1, d2 = k - 1, (k - 1) * (n - 1)
    p = stats.f.sf(f, d1 * eps, d2 * eps)
    words = style.pick.choice(
        [
            "A repeated-measures ANOVA showed an effect of time, ",
            "Within-subject effects (Greenhouse-Geisser): ",
            "The mixed ANOVA gave ",
        ]
    )
    return "F", words + _join(style, style.equals(f"F({style.df(d1, d2)})", f), style.p(p))


def chi_square(style: Style) -> tuple[str, str]:
    table = style.rng.integers(4, 40, (2, style.pick.choice([2, 3])))
    found = stats.chi2_contingency(table, correction=False)
    name = style.pick.choice(
        ["χ2", "χ²", "chi2", "X2", "chi-square", "χ<sup>2</sup>", "Chi-squared"]
    )
    inside = style.pick.choice(
        [f"({found.dof})", f"({found.dof}, N = {table.sum()})", f"({found.dof}, n={table.sum()})"]
    )
    if style.pick.random() < 0.2:
        return "chi2", _join(
            style, f"{style.equals(name, found.statistic)}, df = {found.dof}", style.p(found.pvalue)
        )
    return "chi2", _join(style, style.equals(name + inside, found.statistic), style.p(found.pvalue))


def correlation(style: Style) -> tuple[str, str]:
    n = style.pick.randint(10, 90)
    x = style.rng.normal(size=n)
    y = style.pick.choice([0, 0.3, 0.8]) * x + style.rng.normal(size=n)
    found = stats.pearsonr(x, y)
    value = style.number(found.statistic, style.pick.choice([2, 3]), zero=style.zero or style.comma)
    if style.pick.random() < 0.5:
        return "r", _join(style, f"r({n - 2}) = {value}", style.p(found.pvalue))
    return "r", f"r = {value} (n = {n}, {style.p(found.pvalue)})"


def rank_correlation(style: Style) -> tuple[str, str]:
    n = style.pick.randint(12, 60)
    x = style.rng.normal(size=n)
    y = style.pick.choice([0, 0.3, 0.8]) * x + style.rng.normal(size=n)
    found = stats.spearmanr(x, y)
    name = style.pick.choice(["rho", "ρ", "r_s", "Spearman's rho"])
    value = style.number(
        float(found.statistic), style.pick.choice([2, 3]), zero=style.zero or style.comma
    )
    return "rho", _join(style, f"{name}({n - 2}) = {value}", style.p(float(found.pvalue)))


def normal(style: Style) -> tuple[str, str]:
    z = style.rng.normal(style.pick.choice([0, 2]), 1)
    p = 2 * stats.norm.sf(abs(z))
    before = (
        f"U = {style.number(float(style.rng.integers(20, 400)), 0)}, "
        if style.pick.random() < 0.3
        else ""
    )
    return "z", before + _join(style, style.equals(style.pick.choice(["z", "Z"]), z), style.p(p))


def kruskal(style: Style) -> tuple[str, str]:
    groups = [style.rng.integers(0, 8, style.pick.randint(8, 30)) for _ in range(3)]
    found = stats.kruskal(*groups)
    return "H", _join(style, style.equals("H(2)", found.statistic), style.p(found.pvalue))


def mann_whitney(style: Style) -> tuple[str, str]:
    a = style.rng.integers(0, 11, style.pick.randint(8, 40))
    b = style.rng.integers(0, 11, style.pick.randint(8, 40)) + style.pick.choice([0, 2])
    found = stats.mannwhitneyu(a, b, use_continuity=style.pick.random() < 0.5, method="asymptotic")
    u = min(float(found.statistic), len(a) * len(b) - float(found.statistic))
    return (
        "U",
        f"U = {style.number(u, 1)}, n1 = {len(a)}, n2 = {len(b)}"
        f"{style.between}{style.p(float(found.pvalue))}",
    )


def odds_ratio(style: Style) -> tuple[str, str]:
    a, b, c, d = style.rng.integers(4, 40, 4)
    kind = style.pick.choice(["OR", "RR", "HR"])
    if kind == "RR":
        log = np.log((a / (a + b)) / (c / (c + d)))
        se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    else:
        log, se = np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    names = {
        "OR": ["OR", "odds ratio", "odds ratio (OR)"],
        "RR": ["RR", "risk ratio", "relative risk"],
        "HR": ["HR", "hazard ratio"],
    }
    level = style.pick.choice([95, 95, 95, 90, 99])
    q = stats.norm.ppf(0.5 + level / 200)
    ends = np.exp(log - q * se), np.exp(log + q * se)
    places = max(style.decimals, 2)
    p = 2 * stats.norm.sf(abs(log / se))
    name = style.pick.choice(names[kind])
    head = f"{name} {style.pick.choice(['', '= ', 'of '])}{style.number(np.exp(log), places)}"
    return (
        kind,
        f"{head} ({style.interval(*ends, level, places)}"
        f"{style.pick.choice(['; ', ', ', '), '])}{style.p(p)}",
    )


def mean_difference(style: Style) -> tuple[str, str]:
    a, b = style.arms(10, 60)
    welch_or_not = style.pick.random() < 0.5
    found = stats.ttest_ind(a, b, equal_var=welch_or_not)
    level = style.pick.choice([95, 95, 95, 90, 99])
    ends = found.confidence_interval(level / 100)
    name = style.pick.choice(["MD", "mean difference", "difference", "between-group difference"])
    verb = style.pick.choice([" ", " = ", " was ", " of ", ": "])
    close = style.pick.choice(["; ", ", ", "), "])
    unit = style.pick.choice(["", "", " cm", " points", "°", " s"])
    interval = style.interval(ends.low, ends.high, level)
    text = f"{name}{verb}{style.number(a.mean() - b.mean())}{unit} ({interval}{close}"
    text += style.p(found.pvalue)
    return "MD", "the " * (name != "MD") + text


def unnamed_estimate(style: Style) -> tuple[str, str]:
    """An odds ratio without its name: the scale is not read."""
    log, se = style.rng.normal(0.5, 0.5), style.rng.uniform(0.1, 0.6)
    ends = np.exp(log - 1.96 * se), np.exp(log + 1.96 * se)
    p = 2 * stats.norm.sf(abs(log / se))
    return (
        "",
        f"the model gave {style.number(np.exp(log), 2)} "
        f"({style.interval(*ends, 95, 2)}; {style.p(p)})",
    )


def standardised(style: Style) -> tuple[str, str]:
    g, se = style.rng.normal(-0.4, 0.4), style.rng.uniform(0.08, 0.4)
    p = 2 * stats.norm.sf(abs(g / se))
    name = style.pick.choice(["g", "Hedges' g", "SMD", "d", "Cohen's d"])
    equals = " = " if len(name) < 3 else style.pick.choice([" = ", " "])
    kind = {"Hedges' g": "g", "Cohen's d": "d"}.get(name, name)
    return (
        kind,
        f"{name}{equals}{style.number(g, 2)} ({_wald(style, g, se)}), {style.p(p)}",
    )


def pooled_with_heterogeneity(style: Style) -> tuple[str, str]:
    g, se = style.rng.normal(-0.4, 0.4), style.rng.uniform(0.08, 0.4)
    k, q = 7, style.rng.uniform(2, 30)
    i2 = max(0.0, 100 * (q - (k - 1)) / q)
    p = stats.chi2.sf(q, k - 1)
    return (
        "SMD",
        f"SMD {style.number(g, 2)} ({_wald(style, g, se)}; "
        f"I² = {style.number(i2, 0)}%, {style.p(p)})",
    )


def coefficient(style: Style) -> tuple[str, str]:
    n = style.pick.randint(20, 80)
    x = style.rng.normal(size=n)
    y = 0.3 * x + style.rng.normal(size=n)
    found = stats.linregress(x, y)
    t = found.slope / found.stderr
    letter = style.pick.choice(["b", "B"])
    places = max(style.decimals, 2)
    slope, error = style.number(found.slope, places), style.number(found.stderr, places)
    head = style.pick.choice(
        [
            f"{letter} = {slope}, SE = {error}, ",
            f"{letter} = {slope} (SE {error}), ",
        ]
    )
    return "t", head + _join(style, style.equals(f"t({n - 2})", t), style.p(found.pvalue))


def bonferroni(style: Style) -> tuple[str, str]:
    a, b = style.arms()
    found = stats.ttest_ind(a, b)
    p = min(1.0, found.pvalue * style.pick.choice([2, 3, 6]))
    df = len(a) + len(b) - 2
    return "t", "Bonferroni-corrected comparisons: " + _join(
        style, style.equals(f"t({df})", found.statistic), style.p(p)
    )


def noninferior(style: Style) -> tuple[str, str]:
    d, se = style.rng.normal(0, 0.3), 0.3
    p = stats.norm.sf((1 - d) / se)
    return (
        "MD",
        f"non-inferiority was shown, MD {style.number(d)} ({_wald(style, d, se)}; {style.p(p)})",
    )


def area(style: Style) -> tuple[str, str]:
    """Interval at the observed area, p at 0.5; Hanley and McNeil (Radiology 1982;143:29)."""
    n1, n2 = style.pick.randint(15, 60), style.pick.randint(15, 60)
    auc = style.rng.uniform(0.5, 0.92)

    def error(area: float) -> float:
        q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
        return float(
            np.sqrt(
                (area * (1 - area) + (n1 - 1) * (q1 - area**2) + (n2 - 1) * (q2 - area**2))
                / (n1 * n2)
            )
        )

    se = error(auc)
    p = 2 * stats.norm.sf(abs(auc - 0.5) / error(0.5))
    low, high = auc - 1.96 * se, min(auc + 1.96 * se, 1.0)
    return (
        "AUC",
        f"AUC {style.number(auc, 2)} ({style.interval(low, high, 95, 2)}), {style.p(p)}",
    )


def share(style: Style) -> tuple[str, str]:
    n = style.pick.randint(10, 120)
    count = style.pick.randint(0, n)
    percent = style.number(100 * count / n, style.pick.choice([0, 1]))
    return "percent", style.pick.choice(
        [
            f"{count} of {n} ({percent}%)",
            f"{count}/{n} ({percent} %)",
            f"{count} of the {n} participants ({percent}%)",
        ]
    )


KINDS: tuple[Draw, ...] = (
    student, welch, one_tailed, anova, repeated, chi_square, correlation, rank_correlation, normal,
    kruskal, mann_whitney, odds_ratio, mean_difference, unnamed_estimate, standardised,
    pooled_with_heterogeneity, coefficient, bonferroni, noninferior, area, share,
)  # fmt: skip
SENTENCES = (
    "Pain fell more with backward walking ({}) than with forward walking.",
    "The groups differed, {}.",
    "At week 6, {}",
    "We found no such thing for sway ({}).",
    "Results: {}; see Table 2.",
)


def honest_text(seed: int) -> tuple[str, str, str]:
    """Return the kind, the canonical name of its statistic, and a sentence with it."""
    style = Style(seed)
    kind = style.pick.choice(KINDS)
    name, text = kind(style)
    if style.pick.random() < 0.3:
        text = text.replace("<", "&lt;") if "</" not in text else text
    return kind.__name__, name, style.pick.choice(SENTENCES).format(text)


# Statistics whose p can be held against the paper when sides are said or do not matter.
HELD: tuple[Draw, ...] = (
    student, anova, chi_square, correlation, normal, kruskal, odds_ratio, mean_difference,
    standardised,
    coefficient,
)  # fmt: skip


class Slip(Style):
    """A paper whose every p was moved far beyond rounding, and not to a one-sided one."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.p_style = "exact"
        self.p_decimals = 3

    def p(self, value: float) -> str:
        """Print a p that is wrong by more than a factor of three and not half as large."""
        wrong = (
            value * self.pick.choice([8, 12]) if value < 0.08 else value / self.pick.choice([8, 20])
        )
        wrong = max(wrong, 0.016) if value < 0.001 else wrong
        return super().p(min(wrong, 0.97))


def planted_text(seed: int) -> tuple[str, str]:
    """Return the kind and a sentence whose p is wrong."""
    style = Slip(seed)
    kind = style.pick.choice(HELD)
    return kind.__name__, style.pick.choice(SENTENCES).format(kind(style)[1])


def planted_share(seed: int) -> str:
    """Return a sentence with a percentage that its count does not give."""
    pick = random.Random(seed)
    n = pick.randint(20, 120)
    count = pick.randint(1, n - 1)
    return f"{count} of {n} ({100 * count / n + pick.choice([-1, 1]) * pick.uniform(2, 9):.1f}%)"
