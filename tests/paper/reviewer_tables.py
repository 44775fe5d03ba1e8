# ruff: noqa: E501
"""Tables as reviewers paste them, each with one trap: honest, so nothing in them may be accused.

n, means and SDs of the TUG row are invented; its p is .0007 by Student's and .0008 by Welch's test
(R: t.test on summary statistics), and 20 of 34 against 18 of 33 gives chi-square p = .724 (scipy).
"""

from __future__ import annotations

_HEAD = "| | Backward (n = 34) | Forward (n = 33) | p |\n|---|---|---|---|\n"
_PLAIN = "| TUG | 8.67 \u00b1 1.64 | 10.26 \u00b1 2.01 | 0.001 |"
_KINDS = (
    "<table><caption>n (%); chi-square test</caption><tr><th>KL grade</th><th>Backward (n=34)</th>"
    "<th>Forward (n=33)</th><th>p</th></tr><tr><td>2</td><td>10 (29.4)</td><td>4 (12.1)</td>"
    "<td rowspan=3>0.20</td></tr><tr><td>3</td><td>14 (41.2)</td><td>15 (45.5)</td></tr>"
    "<tr><td>4</td><td>10 (29.4)</td><td>14 (42.4)</td></tr></table>"
)


def _columns(*more: str, row: str, caption: str = "mean \u00b1 SD; independent t-test") -> str:
    head = " | ".join(["", "Backward (n = 34)", "Forward (n = 33)", *more])
    cells = f"TUG | 8.67 \u00b1 1.64 | 10.26 \u00b1 2.01 | {row}"
    return f"{caption}\n\n|{head} |\n|{'---|' * (3 + len(more))}\n| {cells} |"


HONEST = {
    "two kinds of people": f"n; chi-square test\n\n{_HEAD}| Sex (male/female) | 20/14 | 18/15 | 0.72 |"
    "\n| Affected side (R/L) | 14/20 | 15/18 | 0.72 |",
    "a percentage of some": f"n (%); chi-square test\n\n{_HEAD}| Men | 16 (47.1) | 15 (45.5) | 0.90 |\n"
    "| Smokers among men | 5 (31.3) | 4 (26.7) | 0.78 |\n| Missed sessions | 24 (5.9) | 30 (7.6) | 0.33 |",
    "a percentage of the row": f"n (%)\n\n{_HEAD}| Women | 20 (54.1) | 17 (45.9) | 0.55 |",
    "fewer at follow-up": f"n (%); Fisher's exact test\n\n{_HEAD}| Responders | 12 (48.0) | 9 (37.5) | 0.57 |",
    "one p of three kinds": _KINDS,
    "p of the first kind": f"n (%); chi-square test\n\n{_HEAD}| primary | 10 (29.4) | 4 (12.1) | 0.20 |\n"
    "| secondary | 14 (41.2) | 15 (45.5) | |\n| tertiary | 10 (29.4) | 14 (42.4) | |",
    "per cent difference": _columns("Difference (%)", "p", row="\u221215.5 | 0.001"),
    "difference in per cent": _columns("% difference", "p", row="\u221215.5 | 0.001"),
    "Hedges' g": _columns("Hedges' g (95% CI)", "p", row="\u22120.86 (\u22121.36 to \u22120.36) | 0.001"),
    "letters of statistics": _columns("t", "df", "p", "d", "\u03b7p\u00b2", row="\u22123.55 | 65 | 0.001 | 0.87 | 0.16"),
    "p within an arm": "mean (SD); Student's t-test\n\n| | Backward (n = 20) Week 6 | Backward (n = 20) p "
    "| Forward (n = 21) Week 6 | Forward (n = 21) p |\n|---|---|---|---|---|\n"
    "| Pain | 3.1 (1.2) | <0.001 | 3.9 (1.3) | 0.61 |",
    "p of changes": "mean \u00b1 SD; p by independent t-test of change scores\n\n"
    + _HEAD + _PLAIN.replace("0.001", "0.600"),
    "the same people twice": "mean \u00b1 SD; Student's t test\n\n| | Backward (n = 20) | Forward (n = 20) "
    "| p |\n|---|---|---|---|\n| Speed | 0.81 \u00b1 0.20 | 0.85 \u00b1 0.20 | 0.008 |",
    "a sign in the words": f"Mean reduction (95% CI)\n\n{_HEAD}"
    "| Pain | 2.1 (\u22123.0 to \u22121.2) | 1.1 (\u22122.0 to \u22120.2) | 0.12 |",
    "an average of scores": f"mean \u00b1 SD; mean of three 11-point scores\n\n{_HEAD}"
    "| NPRS (0-10) | 3.33 \u00b1 1.60 | 3.94 \u00b1 1.89 | 0.16 |",
    "fewer scored": f"mean \u00b1 SD; 11-point scores\n\n{_HEAD}"
    "| NPRS (0-10) | 3.33 \u00b1 1.60 | 3.94 \u00b1 1.89 | 0.16 |",
    "adjusted in a note": _columns("Mean difference (95% CI)\u2020", "p", row="\u22121.21 (\u22121.9 to \u22120.5) | 0.001")
    + "\n\n\u2020 adjusted for baseline",
    "standard errors": f"Values are means \u00b1 SE. Unpaired t test.\n\n{_HEAD}"
    "| TUG | 8.67 \u00b1 0.28 | 10.26 \u00b1 0.35 | 0.001 |",
}  # fmt: skip

# A table, and numbers that have to be found in it: outcome, arm, time, quantity, as printed.
FOUND = {
    "headings over empty cells": (
        "Mean (SD)\n\n| | Baseline | | Week 6 | |\n|---|---|---|---|---|\n"
        "| | BW (n=18) | FW (n=19) | BW (n=18) | FW (n=19) |\n"
        "| Pain | 5.0 (1.1) | 5.1 (1.2) | 3.0 (1.3) | 4.1 (1.4) |",
        [("Pain", "BW", "Baseline", "mean", "5.0"), ("Pain", "FW", "Week 6", "sd", "1.4")],
    ),
    "decimal commas between semicolons": (
        "Outcome;Backward (n=34);Forward (n=33);p\nTUG (s);8,67 \u00b1 1,64;10,26 \u00b1 2,01;0,001\n"
        "Women, n (%);20 (58,8);19 (57,6);0,92",
        [("TUG (s)", "Backward", "", "mean", "8.67"), ("Women, n (%)", "Forward", "", "percent", "57.6")],
    ),
    "median and width": (
        f"median (IQR)\n\n{_HEAD}| Days | 5 (3) | 4.5 (2) | 0.03 |",
        [("Days", "Backward", "", "median", "5"), ("Days", "Forward", "", "iqr", "2")],
    ),
    "footnote signs": (
        f"mean \u00b1 SD\n\n{_HEAD}| TUG | 8.67 \u00b1 1.64^a^ | 10.26 \u00b1 2.01\u2021 | 0.0007\u2020 |",
        [("TUG", "Backward", "", "sd", "1.64"), ("TUG", "Backward vs Forward", "", "p_value", "0.0007")],
    ),
    "two visits in a cell": (
        f"Mean (SD)\n\n{_HEAD}| Pain | 5.1 (1.2) \u2192 3.2 (1.3) | 5.0 (1.4) \u2192 4.1 (1.5) | 0.02 |",
        [("Pain", "Backward", "", "value", "3.2"), ("Pain", "Forward", "", "value", "1.5")],
    ),
    "arms in rows": (
        "Mean (SD)\n\n| Group | Baseline | Week 6 | p |\n|---|---|---|---|\n"
        "| Backward (n = 20) | 5.1 (1.2) | 3.1 (1.4) | <0.001 |\n"
        "| Forward (n = 21) | 5.0 (1.1) | 4.2 (1.3) | 0.04 |\n| p | 0.78 | 0.013 | |",
        [("Group", "Backward", "Baseline", "mean", "5.1"), ("Group", "", "Week 6", "p_value", "0.013")],
    ),
    "an interval in its own column": (
        "Logistic regression\n\n| Predictor | OR | 95% CI | p |\n|---|---|---|---|\n"
        "| Arm | 2.30 | 1.10\u20134.80 | 0.027 |",
        [("Arm", "", "", "estimate", "2.30"), ("Arm", "", "", "ci_high", "4.80")],
    ),
    "a title over all columns": (
        "<table><tr><td colspan=4>Table 2. Mean (SD)</td></tr><tr><td>Outcome</td>"
        "<td>Backward (n=34)</td><td>Forward (n=33)</td><td>p</td></tr><tr><td>TUG</td>"
        "<td>8.67 (1.64)</td><td>10.26 (2.01)</td><td>0.001</td></tr></table>",
        [("TUG", "Backward", "", "sd", "1.64")],
    ),
    "p of two named arms": (
        "Mean \u00b1 SD; independent t-tests\n\n| | A (n=20) | B (n=20) | C (n=20) | A vs B | P (A vs C) |\n"
        "|---|---|---|---|---|---|\n| Pain | 3.1 \u00b1 1.2 | 3.9 \u00b1 1.3 | 4.5 \u00b1 1.4 | 0.05 | 0.001 |",
        [("Pain", "A vs B", "", "p_value", "0.05"), ("Pain", "A vs C", "", "p_value", "0.001")],
    ),
}  # fmt: skip
