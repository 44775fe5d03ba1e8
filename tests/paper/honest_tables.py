"""Honest tables in random layouts: scores are drawn, all is computed before it is rounded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html import escape

import numpy as np
from scipy import stats

from tests.paper.honest_texts import Style

OUTCOMES = (
    "Stair climb (s)",
    "WOMAC function",
    "TUG (s)",
    "Knee flexion (deg)",
    "6MWD (m)",
    "Sway area (cm²)",
)
COUNTED = ("Female", "Responder", "Adverse event", "Used a walking aid")


@dataclass(slots=True)
class Printed:
    """A table as rows of text, with what stands around it and the cells that must be found."""

    head: list[list[str]]
    rows: list[list[str]]
    caption: str
    cells: list[tuple[str, str, str]] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table in Markdown; several heading rows become one."""
        head = [
            " ".join(dict.fromkeys(part for part in column if part))
            for column in zip(*self.head, strict=True)
        ]
        lines = [self.caption, "", *(("| " + " | ".join(row) + " |") for row in [head])]
        lines += ["|" + "---|" * len(head)]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows]) + "\n"

    def html(self) -> str:
        """Return the table in HTML, equal headings side by side spanned."""
        lines = ["<table>", f"<caption>{escape(self.caption)}</caption>", "<thead>"]
        for row in self.head:
            cells, place = [], 0
            while place < len(row):
                span = 1
                while place + span < len(row) and row[place + span] == row[place] and row[place]:
                    span += 1
                cells.append(f'<th colspan="{span}">{escape(row[place])}</th>')
                place += span
            lines.append("<tr>" + "".join(cells) + "</tr>")
        lines.append("</thead><tbody>")
        lines += [
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        ]
        return "\n".join([*lines, "</tbody></table>"])

    def tabbed(self) -> str:
        """Return the table as it is pasted from a page: tabs between the cells."""
        return "\n".join([self.caption, *("\t".join(row) for row in [*self.head[:1], *self.rows])])


def _arm(style: Style, name: str, n: int) -> str:
    return style.pick.choice(
        [f"{name} (n = {n})", f"{name} (n={n})", f"{name}, n = {n}", f"{name} group (N = {n})"]
    )


def _arms(style: Style, n1: int, n2: int) -> list[str]:
    return [_arm(style, "Backward", n1), _arm(style, "Forward", n2)]


def _bare_p(style: Style, p: float) -> str:
    text = style.p(p)
    for word in ("p-value", "p value", "*p*", "<i>P</i>", "P", "p"):
        text = text.removeprefix(word)
    return text.strip().removeprefix("=").strip()


def means(seed: int, *, slip: bool = False) -> Printed:
    """Means with SD, SE or intervals of two arms; p by a test that the caption may name."""
    style = Style(seed)
    style.comma = style.pick.random() < 0.1
    pick, rng = style.pick, style.rng
    n1, n2 = pick.randint(12, 60), pick.randint(12, 60)
    form = (
        pick.choice(["± SD", "(SD)", "± SE", "CI"]) if not slip else pick.choice(["± SD", "(SD)"])
    )
    test = pick.choice(
        [
            "independent t-test",
            "Student t test",
            "Welch's t test",
            "",
            "ANCOVA",
            "Mann-Whitney U test",
        ]
    )
    test = pick.choice(["independent t-test", "Student t test", "Welch's t test"]) if slip else test
    how = {"± SD": "mean ± SD", "(SD)": "mean (SD)", "± SE": "mean ± SE", "CI": "mean (95% CI)"}[
        form
    ]
    table = Printed(
        head=[["Outcome", *_arms(style, n1, n2), pick.choice(["p", "P value", "p-value"])]],
        rows=[], caption=f"Table 2. Scores at week 6, {how}{'; ' + test if test else ''}",
    )  # fmt: skip
    slipped = pick.randrange(3) if slip else -1
    for place, outcome in enumerate(OUTCOMES[: pick.randint(3, 5)]):
        scale = pick.choice([2.0, 9.0])
        a, b = (
            rng.normal(20, scale, n1),
            rng.normal(20 + pick.choice([0, 0.5, 1]) * scale, scale * pick.choice([1, 1.4]), n2),
        )
        p = float(stats.ttest_ind(a, b, equal_var=not test.startswith("Welch")).pvalue)
        if test == "ANCOVA":
            p = float(rng.uniform())
        elif test.startswith("Mann"):
            p = float(stats.mannwhitneyu(a, b).pvalue)
        if place == slipped:
            style.p_style, style.p_decimals = "exact", 3
            p = 0.6 if p < 0.1 else p / 30
        table.rows.append(
            [
                outcome,
                _mean(style, a, form, table, outcome),
                _mean(style, b, form, table, outcome),
                _bare_p(style, p),
            ]
        )
        table.cells.append(
            (
                outcome,
                "p_value",
                table.rows[-1][-1].replace(" ", "").replace("\u2009", "").replace("\u00a0", ""),
            )
        )
    return table


def _mean(style: Style, x: np.ndarray, form: str, table: Printed, outcome: str) -> str:
    places = max(style.decimals, 1)
    sd, se = x.std(ddof=1), x.std(ddof=1) / np.sqrt(len(x))
    mean = style.number(x.mean(), places)
    table.cells.append((outcome, "mean", mean))
    if form == "CI":
        reach = stats.t.ppf(0.975, len(x) - 1) * se
        low, high = style.number(x.mean() - reach, places), style.number(x.mean() + reach, places)
        table.cells += [(outcome, "ci_low", low), (outcome, "ci_high", high)]
        return f"{mean} ({low} to {high})"
    spread = style.number(se if form == "± SE" else sd, places)
    table.cells.append((outcome, "se" if form == "± SE" else "sd", spread))
    return f"{mean} ({spread})" if form == "(SD)" else f"{mean} ± {spread}"


def counts(seed: int, *, slip: bool = False) -> Printed:
    """Counts with percentages, p by chi-square or Fisher."""
    style = Style(seed)
    style.comma = False
    pick = style.pick
    n1, n2 = pick.randint(12, 80), pick.randint(12, 80)
    test = pick.choice(["Pearson chi-square", "chi-square test", "Fisher's exact test", ""])
    places = pick.choice([0, 1, 1])
    mark = pick.choice(["%", "%", ""])
    table = Printed(
        head=[["Characteristic", *_arms(style, n1, n2), "p"]], rows=[],
        caption=f"Table 1. n (%){'; ' + test if test else ''}",
    )  # fmt: skip
    slipped = pick.randrange(2) if slip else -1
    for place, outcome in enumerate(COUNTED):
        a, c = pick.randint(1, n1 - 1), pick.randint(1, n2 - 1)
        square = np.array([[a, n1 - a], [c, n2 - c]])
        if test.startswith("Fisher"):
            p = float(stats.fisher_exact(square).pvalue)
        else:
            p = float(
                stats.chi2_contingency(
                    square, correction=test == "chi-square test" and pick.random() < 0.5
                ).pvalue
            )
        cells = []
        for count, n in ((a, n1), (c, n2)):
            off = (
                pick.choice([-1, 1]) * pick.uniform(5, 12)
                if place == slipped and count == a
                else 0.0
            )
            percent = style.number(abs(100 * count / n + off), places)
            cells.append(f"{count} ({percent}{mark})")
            table.cells += [(outcome, "count", str(count)), (outcome, "percent", percent)]
        table.rows.append([outcome, *cells, _bare_p(style, p)])
    return table


def medians(seed: int) -> Printed:
    """Medians with quartiles and the p of Mann and Whitney."""
    style = Style(seed)
    style.comma = False
    n1, n2 = style.pick.randint(12, 60), style.pick.randint(12, 60)
    quartiles = style.pick.choice(["[IQR]", "(interquartile range)", "(IQR)"])
    table = Printed(
        head=[["Outcome", _arm(style, "Backward", n1), _arm(style, "Forward", n2), "p"]], rows=[],
        caption=f"Median {quartiles}; Mann-Whitney U test",
    )  # fmt: skip
    for outcome in OUTCOMES[:3]:
        a, b = style.rng.integers(0, 11, n1), style.rng.integers(0, 11, n2)
        cells = []
        for x in (a, b):
            q1, q2, q3 = (style.number(float(q), 1) for q in np.quantile(x, [0.25, 0.5, 0.75]))
            cells.append(
                style.pick.choice(
                    [f"{q2} [{q1} to {q3}]", f"{q2} ({q1}–{q3})", f"{q2} [{q1}, {q3}]"]
                )
            )
            table.cells += [(outcome, "median", q2), (outcome, "q1", q1), (outcome, "q3", q3)]
        table.rows.append([outcome, *cells, _bare_p(style, float(stats.mannwhitneyu(a, b).pvalue))])
    return table


def visits(seed: int) -> Printed:
    """Two arms at two visits, one p that is of the change or of the interaction."""
    style = Style(seed)
    style.comma = False
    n1, n2 = style.pick.randint(12, 60), style.pick.randint(12, 60)
    arms = _arms(style, n1, n2)
    times = style.pick.choice([("Baseline", "Week 6"), ("Pre", "Post"), ("Before", "After")])
    table = Printed(
        head=[["Outcome", *arms[:1] * 2, *arms[1:] * 2, "p"], ["", *times, *times, ""]],
        rows=[],
        caption="Scores (mean ± SD)",
    )  # fmt: skip
    for outcome in OUTCOMES[:4]:
        cells = []
        for n in (n1, n2):
            before = style.rng.normal(20, 3, n)
            after = before + style.rng.normal(-2, 2, n)
            cells += [
                _mean(style, before, "± SD", table, outcome),
                _mean(style, after, "± SD", table, outcome),
            ]
        table.rows.append([outcome, *cells, _bare_p(style, float(style.rng.uniform()))])
    return table


def differences(seed: int) -> Printed:
    """Means with SD, their difference with its interval, and p; plain or adjusted."""
    style = Style(seed)
    style.comma = False
    pick, rng = style.pick, style.rng
    n1, n2 = pick.randint(12, 60), pick.randint(12, 60)
    adjusted = pick.random() < 0.4
    name = pick.choice(["Mean difference (95% CI)", "Difference (95% CI)", "MD (95% CI)"])
    test = "; ANCOVA adjusted for baseline" if adjusted else pick.choice(["; Student t test", ""])
    table = Printed(
        head=[["Outcome", *_arms(style, n1, n2), ("Adjusted " if adjusted else "") + name, "P"]],
        rows=[], caption="Mean (SD) at week 6" + test,
    )  # fmt: skip
    for outcome in OUTCOMES[:4]:
        a, b = rng.normal(20, 3, n1), rng.normal(21, 3, n2)
        found = stats.ttest_ind(a, b)
        shift = rng.normal(0, 0.7) if adjusted else 0.0
        ends = found.confidence_interval()
        mean = float(a.mean() - b.mean() + shift)
        p = float(2 * stats.t.sf(abs(mean / (mean - shift) * found.statistic), n1 + n2 - 2))
        parts = [
            style.number(x, max(style.decimals, 1))
            for x in (mean, ends.low + shift, ends.high + shift)
        ]
        table.cells += [
            (outcome, q, part)
            for q, part in zip(("estimate", "ci_low", "ci_high"), parts, strict=True)
        ]
        row = [
            outcome,
            _mean(style, a, "(SD)", table, outcome),
            _mean(style, b, "(SD)", table, outcome),
        ]
        table.rows.append([*row, f"{parts[0]} ({parts[1]} to {parts[2]})", _bare_p(style, p)])
    return table


def long_rows(seed: int) -> Printed:
    """One arm a row, the outcome named once."""
    style = Style(seed)
    style.comma = False
    n1, n2 = style.pick.randint(12, 60), style.pick.randint(12, 60)
    table = Printed(head=[["Outcome", "Group", "Baseline", "Week 6"]], rows=[], caption="Mean ± SD")
    for outcome in OUTCOMES[:3]:
        for name, n in (("Backward", n1), ("Forward", n2)):
            cells = [
                _mean(style, style.rng.normal(20, 3, n), "± SD", table, outcome) for _ in range(2)
            ]
            table.rows.append([outcome if name == "Backward" else "", f"{name} (n = {n})", *cells])
    return table


def three_arms(seed: int) -> Printed:
    """Three arms with the p of a one-way ANOVA, or of Kruskal and Wallis."""
    style = Style(seed)
    style.comma = False
    sizes = [style.pick.randint(10, 40) for _ in range(3)]
    test = style.pick.choice(["one-way ANOVA", "one-way ANOVA", "Kruskal-Wallis test", ""])
    names = ("Backward", "Forward", "Control")
    arms = [_arm(style, name, n) for name, n in zip(names, sizes, strict=True)]
    table = Printed(head=[["Outcome", *arms, "P"]], rows=[], caption=f"Mean (SD); {test}")
    for outcome in OUTCOMES[:4]:
        drawn = [style.rng.normal(20 + style.pick.choice([0, 2]), 3, n) for n in sizes]
        found = stats.kruskal(*drawn) if test.startswith("Kruskal") else stats.f_oneway(*drawn)
        cells = [_mean(style, x, "(SD)", table, outcome) for x in drawn]
        table.rows.append([outcome, *cells, _bare_p(style, float(found.pvalue))])
    return table


def apart(seed: int) -> Printed:
    """Mean and SD in columns of their own, p at each of two visits."""
    style = Style(seed)
    style.comma = False
    n1, n2 = style.pick.randint(12, 60), style.pick.randint(12, 60)
    arms = _arms(style, n1, n2)
    table = Printed(
        head=[
            ["Outcome", *["Baseline"] * 5, *["Week 6"] * 5],
            ["", *([arms[0]] * 2 + [arms[1]] * 2 + ["p"]) * 2],
            ["", *(["Mean", "SD"] * 2 + [""]) * 2],
        ],
        rows=[],
        caption=style.pick.choice(["Independent t test", "Results"]),
    )
    for outcome in OUTCOMES[:4]:
        row = [outcome]
        for _ in range(2):
            a, b = style.rng.normal(20, 3, n1), style.rng.normal(21, 3, n2)
            for x in (a, b):
                row += _mean(style, x, "(SD)", table, outcome).rstrip(")").split(" (")
            row.append(_bare_p(style, float(stats.ttest_ind(a, b).pvalue)))
        table.rows.append(row)
    return table


LAYOUTS = (three_arms, apart, means, means, counts, medians, visits, differences, long_rows)


def honest_table(seed: int) -> tuple[str, Printed, str]:
    """Return the layout, the table, and its text in a random format."""
    pick = random.Random(seed + 7)
    layout = pick.choice(LAYOUTS)
    table = layout(seed)
    writers = (
        [table.html, table.markdown]
        if len(table.head) > 1
        else [table.html, table.markdown, table.tabbed]
    )
    return layout.__name__, table, pick.choice(writers)()
