"""Whether the models fit: the fits, their covariances, their residuals."""

from __future__ import annotations

from backwalk_stats.figures import residual_diagnostics
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import labels, model
from backwalk_stats.trial.result import Result

ORDER = 75


def section(subject: TrialSubject) -> document.Section:
    """Return what tells how well each model of an estimand fits."""
    blocks: list[document.Block] = []
    for part in subject.analysis.parts:
        if part.estimand is not None and {"fit", "residual_bins"} & set(part.frames):
            blocks += _one(subject, part)
    return document.Section(id="diagnostics", title="Fit of the models", blocks=tuple(blocks))


def _one(subject: TrialSubject, part: Result) -> list[document.Block]:
    """Return fit, covariance and residuals of one model."""
    words = subject.words(part.outcome)
    told = ANALYSES.get(part.analysis, part.analysis)
    which = part.estimand.id if part.estimand is not None else ""
    place = f"{part.analysis}-{text.slug(which)}"
    title = f"{words.outcome}: {told}"
    blocks: list[document.Block] = [document.Subheading(id=f"fit-{place}", text=title)]
    if "fit" in part.frames and len(part.frames["fit"]):
        table = model.fit_table({labels.sentence_case(told): part.frames["fit"]})
        blocks.append(document.TableBlock(id=f"fit-{place}-summary", table=table))
    if "covariance" in part.frames and len(part.frames["covariance"]):
        table = model.covariance_table(part.frames["covariance"], visits=subject.visits)
        blocks.append(document.TableBlock(id=f"fit-{place}-covariance", table=table))
    bins, quantiles = part.frames.get("residual_bins"), part.frames.get("residual_quantiles")
    if bins is None or quantiles is None or not len(bins):
        return blocks
    single = part.frames.get("residuals") if subject.individuals else None
    drawn = drawing.picture(
        residual_diagnostics,
        bins,
        quantiles,
        name=f"residuals-{part.analysis}-{which}",
        caption=f"{labels.sentence_case(words.outcome)}, {told}. "
        f"{residual_diagnostics.caption(individuals=single is not None)}",
        words=words,
        shown={"residuals": single},
    )
    return [*blocks, drawn]
