"""The verdict matrix: a row for each study or claim, how many numbers came to each verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from backwalk_stats.figures import estimate_rows, page, panel
from backwalk_stats.figures.contrast import readable
from backwalk_stats.figures.marks import CHECKED
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import ORIGINS, VERDICTS, sentence_case, study_name, words_for
from backwalk_stats.tables.record_counts import PRINTED

ORDER = (*CHECKED, "not_derivable", "no_results")
SHOWN = (*CHECKED, "not_derivable")
ROW, HEAD = 1.75, 3.4  # lines of text that a row takes, and the words over the columns
LABEL, MOST_LETTERS = 0.36, 60
NOTHING = "·"
DARKEST = 0.85  # of the colour of the session, where a cell holds most


@page.styled
def verdict_matrix(ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Return `draw` of the studies in which something could be recomputed, on a page of a report.

    Studies of the ledger (`tables.LEDGER`) stand in the order of how many numbers could be
    recomputed. `notes` names the others. `labels` is study to the name shown.
    """
    counts = by_study(ledger, labels=labels)
    if counts.empty:
        return page.empty_page("No printed finding could be recomputed")
    figure, (axes,) = panel.figure(height_inches(counts) * page.MM_PER_INCH)
    draw(axes, counts)
    panel.fit(figure)
    return figure


def draw(axes: Axes, counts: pd.DataFrame) -> None:
    """Draw a table of counts on axes as coloured cells, darker where more numbers are.

    The index of `counts` labels the rows, its columns are codes of verdicts.
    """
    if counts.empty:
        panel.say(axes, "No printed finding could be recomputed")
        return
    values = counts.to_numpy(dtype=float)
    ground = to_hex(axes.get_facecolor())
    cycle = mpl.rcParams["axes.prop_cycle"].by_key().get("color", ["k"])
    pale = panel.second_ink(axes)
    cells = LinearSegmentedColormap.from_list("verdicts", [ground, to_hex(cycle[0])])
    said = np.where(values > 0, [[numbers.count(one) for one in row] for row in values], NOTHING)
    names = [str(name) for name in counts.index]
    if page.is_narrow():  # a row without cells over each, for its label
        values, said = (np.repeat(one, 2, axis=0) for one in (values, said))
        values[::2], said[::2] = 0.0, ""
    # Roots: few numbers are told from none beside a row of many.
    shade = pd.DataFrame(np.sqrt(values))
    sns.heatmap(shade, ax=axes, annot=said, fmt="", cmap=cells, cbar=False, vmin=0.0,
                vmax=float(np.sqrt(values.max())) / DARKEST or 1.0, linewidths=2.0,
                linecolor=ground, annot_kws={"fontsize": _size()}, zorder=2)  # fmt: skip
    for text, value in zip(axes.texts, values.ravel(), strict=True):
        behind = cells(float(np.sqrt(value)) / (float(np.sqrt(values.max())) or 1.0) * DARKEST)
        ink = pale if value == 0 else readable(panel.ink(), behind)
        text.set_color(ink)
    _words(axes, names, [str(name) for name in counts.columns])


def height_inches(counts: pd.DataFrame) -> float:
    """Return how high a figure must be, under the theme as it is."""
    return (len(counts) * ROW * (2 if page.is_narrow() else 1) + HEAD) * _size() * 1.3 / 72 + 0.1


def by_study(ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return how many numbers of each study came to each verdict, where one could be recomputed.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", "not_derivable"), ("b", "reproduced"), ("b", "not_derivable")]
    >>> by_study(pd.DataFrame(rows, columns=["study_id", "verdict"]))["reproduced"].index.tolist()
    ['B']
    """
    counts = _counted(ledger, ledger["study_id"].astype(str))
    checked = counts[list(CHECKED)].sum(axis=1)
    names = pd.Series([study_name(one, labels or {}) for one in counts.index], index=counts.index)
    order = pd.DataFrame({"checked": -checked, "all": -counts.sum(axis=1), "name": names})
    shown = order[checked > 0].sort_values(["checked", "all", "name"], kind="stable").index
    return counts.loc[shown].set_axis(names[shown].to_list(), axis=0)


def by_claim(ledger: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return how many numbers behind each claim (`tables.CLAIMS`) came to each verdict.

    A number that several claims rest on is counted for each.
    """
    verdict = ledger.drop_duplicates("finding_id").set_index("finding_id")["verdict"]
    rows = {}
    for row in numbers.frame_rows(claims):
        mine = [name for name in str(row["finding_ids"]).split(";") if name in verdict.index]
        found = verdict.loc[mine].value_counts()
        rows[f"{row['claim_id']} {row['topic']}"] = [int(found.get(code, 0)) for code in SHOWN]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(SHOWN))


def _counted(ledger: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    """Return counts of verdicts, a row for each value of `by` in its order."""
    table = pd.crosstab(by, ledger["verdict"]).reindex(index=by.unique(), columns=list(SHOWN))
    return table.fillna(0).astype(int)


def notes(ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> list[str]:
    """Return sentences that name the studies that have no row, with the count of their numbers."""
    every = ledger.groupby(ledger["study_id"].astype(str), sort=False)["verdict"]
    bare = {study: mine for study, mine in every if not mine.isin(CHECKED).any()}
    planned = [study for study, mine in bare.items() if set(mine) == {"no_results"}]
    rest = [study for study in bare if study not in planned]
    said = []
    for heading, studies in (
        ("Nothing could be recomputed", rest),
        ("Protocols and registry entries, no results yet", planned),
    ):
        shown = sorted((study_name(one, labels or {}), one) for one in studies)
        names = [
            name if studies is planned else f"{name} ({len(bare[one])})" for name, one in shown
        ]
        noun = "study" if len(studies) == 1 else "studies"
        said += [f"{heading} ({len(studies)} {noun}): {'; '.join(names)}."] if names else []
    return said


def alt_text(ledger: pd.DataFrame) -> str:
    """Return what the matrix shows, with its counts, for a reader who cannot see it.

    Examples
    --------
    >>> import pandas as pd
    >>> print(alt_text(pd.DataFrame({"study_id": ["a", "a"], "verdict": ["reproduced"] * 2})))
    Verdict matrix: 2 printed findings, study by study. 2 reproduced.
    """
    if ledger.empty:
        return "Verdict matrix: no printed finding to look at."
    counts = _counts(ledger)
    parts = [f"{counts[v]} {VERDICTS[v]}" for v in ORDER if v in counts]
    noun = "finding" if len(ledger) == 1 else "findings"
    return (
        f"Verdict matrix: {len(ledger)} printed {noun}, study by study. "
        f"{sentence_case(', '.join(parts))}."
    )


def _counts(ledger: pd.DataFrame) -> dict[str, str]:
    """Return the count of each verdict in words, by who printed the numbers where that is known.

    >>> _counts(pd.DataFrame({"verdict": ["a", "a"], "origin": ["paper", "review"]}))
    {'a': '2 (1 by papers, 1 by reviews)'}
    """
    counts: dict[str, str] = {}
    for verdict, count in ledger["verdict"].value_counts().items():
        # A protocol can stand in several rows, and is one study without results.
        planned = verdict == "no_results" and "study_id" in ledger
        studies = ledger.loc[ledger["verdict"] == verdict, "study_id"].nunique() if planned else 0
        counts[str(verdict)] = numbers.count(studies if planned else count)
        if "origin" in ledger and verdict != "no_results":
            mine = ledger.loc[ledger["verdict"] == verdict, "origin"].value_counts()
            parts = [f"{mine[name]} by {ORIGINS[name]}" for name in PRINTED if name in mine]
            counts[str(verdict)] += f" ({', '.join(parts)})" if parts else ""
    return counts


def _words(axes: Axes, labels: Sequence[str], verdicts: Sequence[str]) -> None:
    """Write the labels of the rows, and the words of the verdicts over the columns."""
    points = float(axes.figure.bbox.width / axes.figure.dpi * 72)
    if page.is_narrow():
        _words_above(axes, labels, verdicts, int(0.94 * points / (0.55 * _size())))
        return
    most = min(max(int(LABEL * points / (0.5 * _size())), 12), MOST_LETTERS)
    said = [page.plain(label) for label in labels]
    said = [one if len(one) <= most else one[: most - 1].rstrip() + page.ELLIPSIS for one in said]
    axes.set_yticks(np.arange(len(said)) + 0.5, labels=said, rotation=0)
    _heads(axes, verdicts)
    widest = max(estimate_rows.text_points(axes, label) for label in said)
    axes.tick_params(axis="y", pad=widest + 6)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")


def _heads(axes: Axes, verdicts: Sequence[str]) -> None:
    """Write the words of the verdicts over the columns, and take away what is no cell."""
    heads = [textwrap.fill(words_for(code, VERDICTS), 12) for code in verdicts]
    axes.set_xticks(np.arange(len(heads)) + 0.5, labels=heads, rotation=0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=6)
    axes.set(xlabel="", ylabel="")
    for side in axes.spines.values():
        side.set_visible(False)


def _words_above(axes: Axes, labels: Sequence[str], verdicts: Sequence[str], most: int) -> None:
    """Write each label over its row, in the cells that `draw` left free there."""
    _heads(axes, verdicts)
    axes.set_yticks([])
    for place, label in enumerate(labels):
        said = textwrap.shorten(page.plain(label), most, placeholder=page.ELLIPSIS)
        axes.annotate(said, (0.0, 2 * place + 0.5), va="center_baseline", ha="left",
                      fontsize=_size(), annotation_clip=False, color=panel.ink())  # fmt: skip


def _size() -> float:
    """Return the size of the type in points."""
    return estimate_rows.type_size("ytick.labelsize")
