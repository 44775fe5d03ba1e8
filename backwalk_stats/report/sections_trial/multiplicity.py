"""The tests that are adjusted together: their order, shares of the level, and what was rejected."""

from __future__ import annotations

from math import isfinite

from backwalk_stats.analyses.multiplicity import procedure_of
from backwalk_stats.figures import rejection_graph
from backwalk_stats.report.document import document, drawing
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import multiplicity_told
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.trial.estimand import Estimand

ORDER = 44
MOST_ARROWS = 20  # more cannot be told apart in a picture; the table of transitions has them
_HIDDEN = (
    "The adjusted p-values are not shown: one of the p-values that they are made of would tell of "
    "few people."
)
_SCALE = "P-values of margins are one-sided; here they stand doubled, beside two-sided ones."
_SHARE = (
    "Share when tested: what the estimand has once those above it are rejected; it is rejected "
    "where its p is at most that share of {alpha}. Adjusted p is the smallest level at which it is."
)


def section(subject: TrialSubject) -> document.Section:
    """Return what was tested together; nothing where one estimand stands alone, or none do."""
    trial = subject.trial
    method, order = trial.multiplicity
    blocks: list[document.Block] = []
    if method != "none" and order:
        blocks += document.paragraphs([multiplicity_told(trial)])
        blocks += _tested(subject)
    return document.Section(
        id="multiplicity", title="Tests together", short="Multiplicity", blocks=tuple(blocks)
    )


def _tested(subject: TrialSubject) -> list[document.Block]:
    """Return the graph, its transitions, and the tests in their order."""
    tests = subject.analysis.tests
    if not len(tests):
        return list(document.paragraphs([_HIDDEN]))
    blocks: list[document.Block] = []
    graph = procedure_of(subject.trial).graph
    rejected = rejected_estimands(subject)
    if graph is not None and graph.transitions:
        if sum(part > 0.0 for *_, part in graph.transitions) <= MOST_ARROWS:
            blocks.append(
                drawing.picture(
                    rejection_graph,
                    name="rejection-graph",
                    caption=rejection_graph.caption(graph, rejected=rejected),
                    graph=graph,
                    rejected=rejected,
                )
            )
        else:
            blocks.append(_transitions(subject))
    return [*blocks, document.TableBlock(id="tests-together", table=tests_table(subject))]


def rejected_estimands(subject: TrialSubject) -> tuple[str, ...]:
    """Return the ids of the estimands whose adjusted p is not above their level."""
    levels = {one.id: one.level for one in subject.trial.estimands}
    rows = numbers.frame_rows(subject.analysis.tests)
    return tuple(str(row["estimand"]) for row in rows
                 if row["p_adjusted"] <= 1.0 - levels[str(row["estimand"])] + 1e-12)  # fmt: skip


def tests_table(subject: TrialSubject) -> DisplayTable:
    """Return the tests in their order, with share of the level, p, adjusted p and decision."""
    asked = {one.id: one for one in subject.trial.estimands}
    rows = numbers.frame_rows(subject.analysis.tests)
    rejected, graph = rejected_estimands(subject), any(isfinite(row["share"]) for row in rows)
    columns = [
        DisplayColumn(key="estimand", label="Estimand", width=2.6),
        DisplayColumn(key="weight", label="Share at start", align="right", width=0.9),
        DisplayColumn(key="share", label="Share when tested", align="right", width=1.0),
        DisplayColumn(key="p", label="p", align="right", width=0.8),
        DisplayColumn(key="adjusted", label="Adjusted p", align="right", width=0.9),
        DisplayColumn(key="decision", label="Null hypothesis", width=1.1),
    ]
    if not graph:
        columns = [one for one in columns if one.key not in ("weight", "share")]
    lines = []
    for row in rows:
        name = str(row["estimand"])
        shares = [numbers.plain(round(row[key], 4)) for key in ("weight", "share")] if graph else []
        lines.append(
            (
                _what(subject, asked[name]),
                *shares,
                numbers.p_value(row["p_value"]),
                numbers.p_value(row["p_adjusted"]),
                "rejected" if name in rejected else "not rejected",
            )
        )
    alphas = {numbers.plain(round(1.0 - asked[str(row["estimand"])].level, 9)) for row in rows}
    alpha = next(iter(alphas)) if len(alphas) == 1 else "one minus the level of its interval"
    margins = any(asked[str(row["estimand"])].margin is not None for row in rows)
    told = f"Null hypotheses are rejected where the adjusted p is at most {alpha}."
    return DisplayTable(
        columns=tuple(columns),
        rows=display_rows(lines),
        caption=f"The tests that are adjusted together{', in the order of the graph' * graph}.",
        notes=(
            _SHARE.format(alpha=alpha) if graph else told,
            *((_SCALE,) if margins else ()),
        ),
    )


def _what(subject: TrialSubject, estimand: Estimand) -> str:
    """Return an estimand as the table names it: id, outcome, and what is tested."""
    against = "" if estimand.framework == "superiority" else f", {estimand.framework}"
    return f"{subject.title_of(estimand)}{against}"


def _transitions(subject: TrialSubject) -> document.TableBlock:
    """Return the matrix of transitions, for graphs of too many arrows to be drawn."""
    graph = procedure_of(subject.trial).graph
    ids = () if graph is None else graph.ids
    columns = [DisplayColumn(key="from", label="From", width=1.0)]
    columns += [DisplayColumn(key=name, label=f"to {name}", align="right") for name in ids]
    rows = [
        (one, *(numbers.plain(round(graph.part(one, other), 4)) for other in ids))
        for one in ids
        if graph is not None
    ]
    return document.TableBlock(
        id="transitions",
        table=DisplayTable(
            columns=tuple(columns),
            rows=display_rows(rows),
            caption="Which part of its share each rejected estimand passes on, and to which.",
        ),
    )
