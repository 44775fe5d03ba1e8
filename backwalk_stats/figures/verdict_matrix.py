"""The verdict matrix: a row for each study, a square for each printed finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from backwalk_stats.figures import page
from backwalk_stats.figures.marks import CHECKED, draw_marks
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import ORIGINS, VERDICTS, sentence_case, study_name, words_for
from backwalk_stats.tables.record_counts import PRINTED

PITCH_MM = 4.1
ROW_MM = 4.9
LABEL_MM = 54.0
COUNT_MM = 17.0
PER_LINE = int((page.WIDTH_MM - LABEL_MM - COUNT_MM) / PITCH_MM)
LEGEND_MM = 19.5
HEAD_MM = 6.5
ORDER = (*CHECKED, "not_derivable", "no_results")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A study: its name and how many findings came to which verdict, in the order drawn."""

    name: str
    verdicts: tuple[str, ...]

    @property
    def checked(self) -> int:
        """Return the number of findings that could be recomputed."""
        return sum(verdict in CHECKED for verdict in self.verdicts)

    @property
    def lines(self) -> int:
        """Return the number of lines that the squares, or the name, of the study take."""
        named = len(page.wrap(self.name, LABEL_MM - 5, lines=2))
        return max(named, -(-len(self.verdicts) // PER_LINE))


@page.styled
def verdict_matrix(ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Figure:
    """Draw a square for every finding of every study in which something could be recomputed.

    Studies of the ledger (`tables.LEDGER`) stand in the order of how many findings could be
    recomputed. Those without any are named at the foot, with the number of their findings. `labels`
    is study to the name shown.
    """
    if ledger.empty:
        return page.empty_page("No printed finding to look at")
    studies = _lines(ledger, labels or {})
    shown = [study for study in studies if study.checked]
    foot = [
        *_named("Nothing could be recomputed", studies, "not_derivable"),
        *_named("Protocols and registry entries, no results yet", studies, "no_results"),
    ]
    rows_mm = sum(_height(study) for study in shown)
    foot_mm = sum(3.0 + page.SMALL_LINE_MM * (1 + len(lines)) for _, lines in foot)
    paper = page.new_page(LEGEND_MM + (HEAD_MM + rows_mm if shown else 0.0) + foot_mm + 2.0)
    _legend(paper, ledger)
    y = LEGEND_MM
    if shown:
        paper.write(1.0, y + 1.5, "Study", bold=True)
        paper.write(LABEL_MM, y + 1.5, "One mark for each printed finding", bold=True)
        paper.write(page.WIDTH_MM - 1, y + 1.5, "Recomputed", bold=True, align="right")
        y = _rows(paper, shown, y + HEAD_MM)
    for heading, lines in foot:
        y += 3.0
        paper.write(1.0, y, heading, bold=True, small=True)
        y = paper.write_lines(1.0, y + page.SMALL_LINE_MM, lines, small=True, colour=page.GREY)
    return paper.figure


def alt_text(ledger: pd.DataFrame) -> str:
    """Return what the matrix shows, with its counts, for a reader who cannot see it.

    Examples
    --------
    >>> import pandas as pd
    >>> print(alt_text(pd.DataFrame({"study_id": ["a", "a"], "verdict": ["reproduced"] * 2})))
    Verdict matrix: 2 printed findings, study by study, a mark for each. 2 reproduced.
    """
    if ledger.empty:
        return "Verdict matrix: no printed finding to look at."
    counts = _counts(ledger)
    parts = [f"{counts[v]} {VERDICTS[v]}" for v in ORDER if v in counts]
    noun = "finding" if len(ledger) == 1 else "findings"
    return (
        f"Verdict matrix: {len(ledger)} printed {noun}, study by study, a mark for each. "
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


def _lines(ledger: pd.DataFrame, labels: Mapping[str, str]) -> list[_Line]:
    """Return the studies, most recomputed findings first, findings in the order of verdicts."""
    verdicts: dict[str, list[str]] = {}
    for row in numbers.frame_rows(ledger[["study_id", "verdict"]]):
        verdicts.setdefault(str(row["study_id"]), []).append(str(row["verdict"]))
    rank = {verdict: place for place, verdict in enumerate(ORDER)}
    lines = [
        _Line(
            name=study_name(study_id, labels),
            verdicts=tuple(sorted(found, key=lambda verdict: rank.get(verdict, len(rank)))),
        )
        for study_id, found in verdicts.items()
    ]
    return sorted(lines, key=lambda line: (-line.checked, -len(line.verdicts), line.name.lower()))


def _height(study: _Line) -> float:
    """Return the millimetres that a study's row takes."""
    return ROW_MM + (study.lines - 1) * PITCH_MM


def _rows(paper: page.Page, shown: Sequence[_Line], top: float) -> float:
    """Draw the rows of squares; return the height below them."""
    marks: dict[str, list[tuple[float, float]]] = {}
    y = top
    for place, study in enumerate(shown):
        tall = _height(study)
        if place % 2 == 0:
            paper.sheet.axhspan(y - ROW_MM / 2, y - ROW_MM / 2 + tall, color=page.FAINT, zorder=0)
        paper.write_lines(1.0, y, page.wrap(study.name, LABEL_MM - 5, lines=study.lines))
        done = f"{study.checked} of {len(study.verdicts)}"
        paper.write(page.WIDTH_MM - 1, y, done, align="right", small=True, colour=page.GREY)
        for index, verdict in enumerate(study.verdicts):
            line, column = divmod(index, PER_LINE)
            centre = (LABEL_MM + 1.5 + column * PITCH_MM, y + line * PITCH_MM)
            marks.setdefault(verdict, []).append(centre)
        y += tall
    for verdict, at in marks.items():
        draw_marks(paper.sheet, verdict, at)
    return y


def _legend(paper: page.Page, ledger: pd.DataFrame) -> None:
    """Draw a mark, the words and the counts of every verdict."""
    counts = _counts(ledger)
    verdicts = [*ORDER, *(v for v in counts if v not in ORDER)]
    x, y = 1.0, 3.5
    for verdict in verdicts:
        text = f"{sentence_case(words_for(verdict, VERDICTS))} {counts.get(verdict, '0')}"
        needed = 5.0 + page.width_mm(text) + 6.0
        if x + needed > page.WIDTH_MM:
            x, y = 1.0, y + 5.0
        draw_marks(paper.sheet, verdict, [(x + 1.6, y)])
        paper.write(x + 4.6, y, page.shorten(text, page.WIDTH_MM - 8))
        x += needed


def _named(heading: str, studies: Sequence[_Line], verdict: str) -> list[tuple[str, list[str]]]:
    """Return a heading and lines of names for the studies that have no square.

    A study belongs under "no results" when all its rows say so, else under "not derivable".
    """
    chosen = [
        study
        for study in studies
        if not study.checked
        and (set(study.verdicts) == {"no_results"}) == (verdict == "no_results")
    ]
    if not chosen:
        return []
    bare = verdict == "no_results"
    names = [
        study.name if bare else f"{study.name} ({len(study.verdicts)})"
        for study in sorted(chosen, key=lambda study: study.name.lower())
    ]
    total = sum(len(study.verdicts) for study in chosen)
    found = "" if bare else f", {total} {'finding' if total == 1 else 'findings'}"
    noun = "study" if len(chosen) == 1 else "studies"
    title = f"{heading}: {len(chosen)} {noun}{found}"
    return [(title, page.wrap("; ".join(names), page.WIDTH_MM - 2, small=True))]
