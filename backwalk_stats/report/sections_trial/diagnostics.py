"""Whether the models fit: every fit in a row, and the residuals of the main ones."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.figures import model_residuals
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.estimate_pictures import ancova_blocks
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import model, numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.trial_labels import ANALYSES as NAMES
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import in_words
from backwalk_stats.trial.result import Result

ORDER = 106
_CAPTION = "Residuals of the main models. {how}"
_LEAD = "Every model with what tells whether it could be fitted, and what it leaves unexplained."
_SHOWN = ("n_obs", "n_participants", "covariance", "loglik", "converged", "singular")
_NO_FITS = "No mixed model was fitted; the picture shows how the main model lies in the data."
_IN_NOTE = ("Structure", model.WORDS["converged"], model.WORDS["singular"])
_HEADS = {"n_participants": "People", "loglik": "Log-lik.", "covariance": "Structure"}


def section(subject: TrialSubject) -> document.Section:
    """Return the fits of all models in a table, then the pictures of the main ones."""
    parts = [part for part in subject.analysis.parts if part.estimand is not None]
    fits = [part for part in parts if len(part.frames.get("fit", ()))]
    blocks: list[document.Block] = []
    if fits:
        blocks += [*document.paragraphs([_LEAD]),
                   document.TableBlock(id="fits", table=_fits(subject, fits))]  # fmt: skip
        blocks += _notes(fits)
    blocks += _residuals(subject, [p for p in parts if _is_main(p)])
    for part in parts:
        role = part.estimand.role if part.estimand is not None else ""
        if part.estimand and part.analysis == "ancova" and (_is_main(part) or role == "primary"):
            blocks += ancova_blocks(subject, part.estimand, part)
    if not fits:
        blocks = list(document.led(_NO_FITS, blocks))
    return document.Section(
        id="diagnostics", title="Fit of the models", blocks=tuple(blocks), appendix=True
    )


def _name(part: Result) -> str:
    """Return which model it is, in few words."""
    asked = part.estimand.id if part.estimand is not None else ""
    asked = in_words(part.outcome) if asked.startswith("exploratory-") else asked
    return f"{asked}: {NAMES.get(part.analysis, part.analysis)}"


def _fits(subject: TrialSubject, parts: list[Result]) -> DisplayTable:
    """Return a row for each model: how it was fitted, and what spread it found."""
    told = [_fit_cells(subject, part) for part in parts]
    heads = list(dict.fromkeys(head for cells in told for head in cells))
    kept = [head for head in heads if _differs(head, [cells.get(head, "") for cells in told])]
    columns = [DisplayColumn(key="model", label="Model", width=2.6)]
    columns += [
        DisplayColumn(
            key=f"c{place}",
            label=head,
            align="left" if head == _HEADS["covariance"] else "right",
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


def _differs(head: str, cells: list[str]) -> bool:
    """Tell whether a column says something; what all models share is in the note."""
    known = {cell for cell in cells if cell not in ("", numbers.DASH)}
    return bool(known) and (head not in _IN_NOTE or len(known) > 1)


def _shared(parts: list[Result]) -> str:
    """Say what all fits have in common, or which have what."""
    told = []
    for name in ("method", "df", "covariance", "converged", "singular"):
        found = {str(part.frames["fit"].iloc[0].get(name, "")) for part in parts}
        said = ", ".join(sorted(model.CODES.get(one, one) for one in found if one))
        told += [f"{model.WORDS[name]}: {said}."] if said else []
    return " ".join(told)


def _told(part: Result) -> dict[str, str]:
    """Return what is told of one fit, name to text."""
    return {row[0]: row[1] for row in model.fit_table({"fit": part.frames["fit"]}).rows}


def _fit_cells(subject: TrialSubject, part: Result) -> dict[str, str]:
    """Return what is told of one fit, by the head of its column."""
    table = _told(part)
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
        cells[f"SD {in_sentence(names[place])}"] = row[place + 1]
        if place:
            cells[f"r {in_sentence(names[place - 1])}, {in_sentence(names[place])}"] = row[place]
    return cells


def _notes(parts: list[Result]) -> list[document.Block]:
    """Return the notes of the fits, of those that have some."""
    entries = []
    for part in parts:
        table = _told(part)
        note = str(table.get(model.WORDS["notes"], ""))
        entries += [(f"{_name(part)}: {text.note_text(note)}",)] if note not in ("", "–") else []
    return [document.Items(entries=tuple(entries))] if entries else []


def _is_main(part: Result) -> bool:
    return part.estimand is not None and part.analysis == part.estimand.analysis


def _residuals(subject: TrialSubject, parts: list[Result]) -> list[document.Block]:
    """Return the residuals of all models, a row each, in as few pictures as hold them."""
    shown = [part for part in parts if len(part.frames.get("residual_bins", ()))]
    shown = [part for part in shown if part.frames.get("residual_quantiles") is not None]
    most = model_residuals.MOST_ROWS
    pages = [shown[first : first + most] for first in range(0, len(shown), most)]
    return [_page(subject, some, place) for place, some in enumerate(pages)]


def _short(part: Result) -> str:
    return _name(part).partition(":")[0]


def _page(subject: TrialSubject, parts: list[Result], place: int) -> document.Block:
    """Return the picture of some models."""

    def together(frame: str) -> pd.DataFrame:
        named = [part.frames[frame].assign(model=_short(part)) for part in parts]
        return pd.concat(named, ignore_index=True)

    single = subject.individuals and all("residuals" in part.frames for part in parts)
    return drawing.picture(
        model_residuals,
        together("residual_bins"),
        together("residual_quantiles"),
        name=f"residuals-{place + 1}" if place else "residuals",
        caption=_CAPTION.format(how=model_residuals.caption(individuals=single)),
        words={_short(part): subject.words(part.outcome) for part in parts},
        shown={"residuals": together("residuals") if single else None},
    )
