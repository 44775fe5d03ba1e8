"""Whether the models fit: every fit in a row, and the residuals of the main ones."""

from __future__ import annotations

from backwalk_stats.figures import residual_diagnostics
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.estimate_pictures import ancova_blocks
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import labels, model, numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.trial_labels import ANALYSES as NAMES
from backwalk_stats.trial.result import Result

ORDER = 106
_CAPTION = (
    "{label}, {analysis}: residuals against the fitted values (mean and spread), and their "
    "quantiles against those of a normal distribution."
)
_SHOWN = ("n_obs", "n_participants", "covariance", "loglik", "converged", "singular")
_HEADS = {"n_obs": "Values", "n_participants": "People"}


def section(subject: TrialSubject) -> document.Section:
    """Return the fits of all models in a table, then the pictures of the main ones."""
    parts = [part for part in subject.analysis.parts if part.estimand is not None]
    fits = [part for part in parts if len(part.frames.get("fit", ()))]
    blocks: list[document.Block] = []
    if fits:
        blocks.append(document.TableBlock(id="fits", table=_fits(subject, fits)))
        blocks += _notes(fits)
    for part in parts:
        if part.estimand is not None and part.analysis == part.estimand.analysis:
            blocks += _residuals(subject, part)
    for part in parts:
        if part.estimand is not None and part.analysis == "ancova":
            blocks += ancova_blocks(subject, part.estimand, part)
    return document.Section(
        id="diagnostics", title="Fit of the models", blocks=tuple(blocks), appendix=True
    )


def _name(part: Result) -> str:
    """Return which model it is, in few words."""
    asked = part.estimand.id if part.estimand is not None else ""
    asked = "Exploratory" if asked.startswith("exploratory-") else asked
    return f"{asked}: {NAMES.get(part.analysis, part.analysis)}"


def _fits(subject: TrialSubject, parts: list[Result]) -> DisplayTable:
    """Return a row for each model: how it was fitted, and what spread it found."""
    told = [_fit_cells(subject, part) for part in parts]
    heads = list(dict.fromkeys(head for cells in told for head in cells))
    kept = [head for head in heads if any(cells.get(head, "") not in ("", numbers.DASH)
                                          for cells in told)]  # fmt: skip
    columns = [DisplayColumn(key="model", label="Model", width=2.6)]
    columns += [
        DisplayColumn(
            key=f"c{place}",
            label=head,
            align="left" if head == model.WORDS["covariance"] else "right",
            width=1.4,
        )
        for place, head in enumerate(kept)
    ]
    return DisplayTable(
        columns=tuple(columns),
        rows=tuple(
            (_name(part), *(cells.get(head) or numbers.DASH for head in kept))
            for part, cells in zip(parts, told, strict=True)
        ),
        caption="How the models were fitted; SDs of the residuals by visit, and the correlation of "
        "the visits.",
        notes=(_shared(parts),),
    )


def _shared(parts: list[Result]) -> str:
    """Say what all fits have in common, or which have what."""
    told = []
    for name in ("method", "df"):
        found = {str(part.frames["fit"].iloc[0].get(name, "")) for part in parts}
        said = ", ".join(sorted(model.CODES.get(one, one) for one in found if one))
        told += [f"{model.WORDS[name]}: {said}."] if said else []
    return " ".join(told)


def _fit_cells(subject: TrialSubject, part: Result) -> dict[str, str]:
    """Return what is told of one fit, by the head of its column."""
    table = dict(model.fit_table({"fit": part.frames["fit"]}).rows)
    cells = {
        _HEADS.get(key, model.WORDS[key]): str(table.get(model.WORDS[key], "")) for key in _SHOWN
    }
    return cells | _spread(subject, part)


def _spread(subject: TrialSubject, part: Result) -> dict[str, str]:
    """Return SDs by visit and correlations of neighbours, by the head of their column."""
    covariance = part.frames.get("covariance")
    if covariance is None or not len(covariance):
        return {}
    table = model.covariance_table(covariance, visits=subject.visits)
    names = [row[0] for row in table.rows]
    cells: dict[str, str] = {}
    for place, row in enumerate(table.rows):
        cells[f"SD, {names[place]}"] = row[place + 1]
        if place:
            cells[f"r, {names[place - 1]} and {names[place]}"] = row[place]
    return cells


def _notes(parts: list[Result]) -> list[document.Block]:
    """Return the notes of the fits, of those that have some."""
    entries = []
    for part in parts:
        table = dict(model.fit_table({"fit": part.frames["fit"]}).rows)
        note = str(table.get(model.WORDS["notes"], ""))
        entries += [(f"{_name(part)}: {text.note_text(note)}",)] if note not in ("", "–") else []
    return [document.Items(entries=tuple(entries))] if entries else []


def _residuals(subject: TrialSubject, part: Result) -> list[document.Block]:
    """Return the picture of the residuals of one model."""
    bins, quantiles = part.frames.get("residual_bins"), part.frames.get("residual_quantiles")
    if bins is None or quantiles is None or not len(bins):
        return []
    words = subject.words(part.outcome)
    told = ANALYSES.get(part.analysis, part.analysis)
    which = part.estimand.id if part.estimand is not None else ""
    single = part.frames.get("residuals") if subject.individuals else None
    return [
        drawing.picture(
            residual_diagnostics,
            bins,
            quantiles,
            name=f"residuals-{part.analysis}-{which}",
            caption=labels.sentence_case(_CAPTION.format(label=words.outcome, analysis=told)),
            words=words,
            shown={"residuals": single},
        )
    ]
