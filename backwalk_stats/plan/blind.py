"""The dry run of a trial for its blind review: arms dealt anew, effects hidden, BLIND on all of it.

The analysis knows nothing of it: arms are dealt before anything is analysed, and what is hidden is
hidden in what the report has written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread, imsave
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.errors import Fault, InputError
from backwalk_stats.figures import page
from backwalk_stats.loaders.load import loaded
from backwalk_stats.loaders.trial_file.trial_file import read_trial_plan, trial_file_at
from backwalk_stats.plan import blind_review
from backwalk_stats.plan.deal import HIDDEN, Deal, dealt
from backwalk_stats.plan.pooled_tables import planned
from backwalk_stats.progress import telling
from backwalk_stats.registry import Shown
from backwalk_stats.report.document import document as doc
from backwalk_stats.report.document.drawing import size_of
from backwalk_stats.report.document.text import plural
from backwalk_stats.report.provenance import Run, provenance
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.report.writers import outputs
from backwalk_stats.report.writers.folder import reserved, write_reserved
from backwalk_stats.report.writers.html_pdf import FORMATS, document_files
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.trial.tables import ESTIMATES

BLIND = "BLIND"
MARK = f"{BLIND}: the arms were dealt anew by chance; nothing here is of the true arms"
STRIP_PT = 15.0  # height of the strip over a picture
# Sections of a report on a trial in which nothing of an effect stands; every other one is hidden.
WITHOUT_EFFECTS = frozenset({
    "estimands", "participants", "baseline", "missingness", "adherence", "intervention",
    "outcomes", "diagnostics", "methods", "conduct", "consort", "deviations", "how-to-read",
    "glossary", "provenance", "plan",
})  # fmt: skip
# Columns of tables with effects that say what a row is about, or of how many.
LABELS = frozenset({
    "what", "visit", "walk", "arm", "outcome", "contrast", "analysis", "quantity",
    "n", "n0", "n1", "n2", "n3", "n4", "n5",
})  # fmt: skip
KEPT_TABLES = frozenset({"recordings-quality"})  # of all arms together
_ON_DEALT = (
    "Effects below are of the dealt arms: they are chance alone, and say nothing of the treatment."
)
_FOR_PATIENTS = "for-patients"  # a text for patients on dealt arms is of use to nobody


@dataclass(frozen=True, kw_only=True, repr=False)
class DryRun(Shown):
    """A trial that was analysed with its arms dealt anew; `bw.dry_run` makes it.

    Attributes
    ----------
    deal : Deal
    analysis : TrialAnalysis
        Of the dealt trial.
    review : tuple of Section
        What the blind review looks at, all arms together.
    effects : bool
        Whether estimates, of the dealt arms, are shown.
    """

    deal: Deal
    analysis: TrialAnalysis
    review: tuple[doc.Section, ...]
    effects: bool

    def __repr__(self) -> str:
        """Return what it is, without any participant's value."""
        return f"<{BLIND}: dry run of {self.deal.trial!r}>"

    def report(self, folder: Path | str) -> Path:
        """Write the report, every page and picture of it marked BLIND.

        Parameters
        ----------
        folder : Path or str
            Gets report.html, report.pdf, report.docx, the tables, figures and provenance.json.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        UsageError
            If something stands in the way; nothing has been written then.
        """
        target = Path(folder)
        with telling(None) as tell, reserved(target):
            return self.report_into(target, tell)

    def report_into(self, folder: Path, progress: outputs.Progress) -> Path:
        """Write the whole report into a folder that the caller holds (`folder.reserved`)."""
        with libraries_that_compute() as heard:
            subject = trial_subject(self.analysis)
            document = self.document(subject, progress)
            written = document_files(document, lambda what: progress(0, 1, what), FORMATS)
            written |= outputs.encoded(self.frames(subject, document))
        trial = subject.trial
        stamp = provenance(
            sources=trial.sources,
            outputs=written,
            record=f"{BLIND}: dry run of the trial {trial.study.id}",
            run=Run(
                options={"small_cell": trial.small_cell, "show_effects": self.effects},
                seeds={"trial": trial.study.seed},
                computed={*self.analysis.libraries, *heard},
                files=[*trial.sources],
                blind=MARK,
            ),
        )
        return write_reserved(folder, {**written, "provenance.json": stamp})

    def document(self, subject: TrialSubject, progress: outputs.Progress) -> doc.Document:
        """Return the report: the blind review first, then the report itself as it may be seen."""
        whole = outputs.trial_document(subject, progress)
        sections = [*self.review, *(self._seen(one) for one in whole.sections)]
        told = "effects of the dealt arms shown" if self.effects else "effects hidden"
        return doc.Document(
            title=whole.title,
            subtitle=f"Dry run of the trial {subject.trial.study.id}: arms dealt anew, {told}",
            sections=tuple(marked_section(one) for one in sections if one.blocks),
            mark=MARK,
        )

    def _seen(self, section: doc.Section) -> doc.Section:
        """Return a section as the review may see it."""
        if section.id == "answer":
            section = replace(section, title="The answer, as it will be laid out", short="Layout")
        if section.id == "diagnostics" and not self.effects:
            return replace(section, blocks=tuple(map(_only_residuals, section.blocks)))
        if section.id in WITHOUT_EFFECTS:
            return section
        if self.effects and section.id != _FOR_PATIENTS:
            return replace(section, blocks=_of_dealt_arms(section.blocks))
        return hidden_section(section)

    def frames(self, subject: TrialSubject, document: doc.Document) -> dict[str, pd.DataFrame]:
        """Return every table of the run by the name of its file, each with a column `blind`."""
        found = outputs.trial_frames(subject, document)
        if not self.effects:
            found["results.csv"] = hidden_estimates(found["results.csv"])
            for name in set(found) - {"results.csv"}:
                if not name.startswith("tables/"):
                    found[name] = hidden_numbers(found[name])
        return {name: frame.assign(blind=BLIND) for name, frame in found.items()}


def dry_run(
    path: Path | str, *, show_effects: bool = False, progress: outputs.Progress | None = None
) -> DryRun:
    """Return the dry run of a trial: its arms dealt anew, then analysed as they would be.

    Parameters
    ----------
    path : path
        The trial file, or its folder.
    show_effects : bool
        Whether the report shows the estimates of the dealt arms.
    progress : callable, optional
        As in `analyse`.

    Returns
    -------
    DryRun
        What the blind review looks at; `report` writes it.

    Raises
    ------
    InputError
        If there are no data, or they cannot be used: with every fault, and what to do.
    UsageError
        If the arms cannot be dealt anew.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> run = dry_run(bw.example("back"), progress=lambda done, total, what: None)
    >>> run.effects, len(run.review) > 0
    (False, True)
    """
    check_data_are_there(path)
    found = loaded(path)
    if found.trial is None or found.file is None:
        raise InputError(found.faults)
    true = found.trial
    deal = dealt(true)
    with telling(progress) as tell:
        analysis = analyse_trial(deal.trial, tell)
    review = blind_review.sections(
        true,
        deal,
        analysis,
        scenarios=planned(found.file.tables),
        lock=true.plan.locks[-1].hash if true.plan is not None and true.plan.locks else "",
    )
    return DryRun(deal=deal, analysis=analysis, review=review, effects=show_effects)


def check_data_are_there(path: Path | str) -> None:
    """Refuse a trial whose data files are not there yet: a dry run is of data."""
    tables = read_trial_plan(path)
    file = trial_file_at(path)
    names = [one.file for one in tables.data]
    missing = [name for name in names if not (file.parent / name).exists()]
    if not missing:
        return
    raise InputError([
        Fault(
            file=file.name,
            column="data",
            expected="data, of which a dry run is made",
            found=f"{plural(len(missing), 'file')} of {len(names)} that are not there yet",
            action="Put the files that [[data]] names beside the trial file; before there are "
            "data, backwalk plan power and backwalk check --spirit need none",
        )
    ])  # fmt: skip


# What is hidden.


def hidden_section(section: doc.Section) -> doc.Section:
    """Return a section without what it says of effects: its headings, its tables as shells.

    Only headings, labels of rows and columns, and numbers of people are left. Whatever is not
    known to be free of effects is left out.
    """
    kept: list[doc.Block] = []
    pictures: list[doc.Text] = []
    for block in section.blocks:
        if isinstance(block, doc.Subheading):
            kept.append(block)
        elif isinstance(block, doc.TableBlock):
            kept.append(block if block.id in KEPT_TABLES else hidden_table(block))
        elif isinstance(block, doc.FigureBlock):
            pictures.append((f"{block.name}: {_first_sentence(block.caption)}",))
    said = f"What stands here once the arms are known is {HIDDEN}"
    lead: list[doc.Block] = [doc.Paragraph(content=(f"{said}: {_what(section)}.",))]
    if pictures:
        lead.append(doc.Paragraph(content=("Pictures of this section, not drawn:",)))
        lead.append(doc.Items(entries=tuple(pictures)))
    return replace(section, blocks=(*lead, *_with_content(kept)))


def _what(section: doc.Section) -> str:
    """Say what a hidden section is made of."""
    kinds = [block.kind for block in section.blocks]
    told = [
        plural(kinds.count(kind), word)
        for kind, word in (("table", "table"), ("figure", "picture"))
        if kind in kinds
    ]
    listed = ", ".join(told)
    return f"{listed} and sentences on the results" if told else "sentences on the results"


def _first_sentence(caption: str) -> str:
    return caption.partition(". ")[0].rstrip(".") + "."


def _with_content(blocks: Sequence[doc.Block]) -> list[doc.Block]:
    """Return blocks without headings under which nothing is left."""
    heads = [isinstance(one, doc.Subheading) for one in blocks]
    follows = [*(not head for head in heads[1:]), False]
    pairs = zip(blocks, heads, follows[: len(blocks)], strict=True)
    return [one for one, head, filled in pairs if filled or not head]


def hidden_table(block: doc.TableBlock) -> doc.TableBlock:
    """Return a table of effects as a shell: labels and numbers of people, and nothing else."""
    table = block.table
    shown = [place == 0 or one.key in LABELS for place, one in enumerate(table.columns)]
    rows = tuple(
        tuple(cell if keep else HIDDEN for cell, keep in zip(row, shown, strict=True))
        for row in table.rows
    )
    columns = tuple(
        one if keep else replace(one, align="left")
        for one, keep in zip(table.columns, shown, strict=True)
    )
    caption = _first_sentence(table.caption)
    shell = replace(table, columns=columns, rows=rows, notes=(), caption=caption)
    return replace(block, table=shell, forest=None, targets=())


def _only_residuals(block: doc.Block) -> doc.Block:
    """Return a block of the fits; a picture that shows arms is named and not drawn."""
    if isinstance(block, doc.FigureBlock) and not block.name.startswith("residuals"):
        return doc.Paragraph(content=(f"{_first_sentence(block.caption)} {HIDDEN}.",))
    return block


def hidden_estimates(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return estimates (`tables.RESULTS`) without a number but those of people."""
    hidden: dict[str, Any] = {name: np.nan for name in (*ESTIMATES, "p_adjusted")}
    return estimates.assign(**hidden, note=HIDDEN)


def hidden_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of curves without a number but places of the cycle and counts of people."""
    kept = ("node", "n", "n_arm", "n_reference")
    numbers = [one for one in frame.select_dtypes("number").columns if one not in kept]
    return frame.assign(**dict.fromkeys(numbers, np.nan))


# What is marked.


def marked_section(section: doc.Section) -> doc.Section:
    """Return a section whose tables and pictures say BLIND, wherever they are taken to."""
    return replace(section, blocks=tuple(map(_marked, section.blocks)))


def _marked(block: doc.Block) -> doc.Block:
    if isinstance(block, doc.TableBlock):
        table: DisplayTable = replace(block.table, caption=f"{BLIND}. {block.table.caption}")
        return replace(block, table=table)
    if isinstance(block, doc.FigureBlock):
        return marked_picture(block)
    return block


def _of_dealt_arms(blocks: Sequence[doc.Block]) -> tuple[doc.Block, ...]:
    """Return blocks that say of which arms they are; an answer stays the first of them."""
    lead = doc.Paragraph(content=(doc.Strong(text=f"{BLIND}."), f" {_ON_DEALT}"))
    told = list(map(_dealt, blocks))
    told.insert(1 if told and isinstance(told[0], doc.Finding) else 0, lead)
    return tuple(told)


def _dealt(block: doc.Block) -> doc.Block:
    """Return a block of effects that says of which arms it is."""
    if isinstance(block, doc.Finding):
        return replace(block, answer=f"{BLIND}, dealt arms: {block.answer}")
    if isinstance(block, doc.Paragraph):
        told = doc.Strong(text=f"{BLIND}, dealt arms.")
        return replace(block, content=(told, " ", *block.content))
    if isinstance(block, doc.OpenQuestions | doc.Abstract):
        return replace(block, title=f"{block.title} ({BLIND}, dealt arms)")
    if isinstance(block, doc.KeyFigures):
        figures = (replace(one, label=f"{one.label}, {BLIND}") for one in block.figures)
        return replace(block, figures=tuple(figures))
    return block


def marked_picture(block: doc.FigureBlock) -> doc.FigureBlock:
    """Return a picture under a strip that says BLIND, in every form that it has."""
    return replace(
        block,
        svg=marked_svg(block.svg),
        png=marked_png(block.png, width=size_of(block.svg)[0]),
        narrow=marked_svg(block.narrow) if block.narrow else b"",
        caption=f"{BLIND}. {block.caption}",
        alt=f"{BLIND}: of dealt arms. {block.alt}",
    )


def _word(size: float = 9.0) -> TextPath:
    """Return the outlines of the mark, in points, the baseline at 0."""
    page.know_fonts()
    return TextPath((0, 0), BLIND, size=size, prop=FontProperties(family=page.FONT, weight="bold"))


def marked_svg(svg: bytes) -> bytes:
    """Return a saved SVG under a strip that says BLIND; its letters are outlines.

    Examples
    --------
    >>> plain = b'<svg width="60pt" height="20pt" viewBox="0 0 60 20"><g/></svg>'
    >>> size_of(marked_svg(plain))
    (60.0, 35.0)
    """
    width, height = size_of(svg)
    text = svg.decode("utf-8")
    start = text.index("<svg")
    opened = text.index(">", start) + 1
    end = text.rindex("</svg>")
    root = text[start:opened]
    for old, new in (
        (f'height="{_plain(height)}pt"', f'height="{_plain(height + STRIP_PT)}pt"'),
        (f' {_plain(height)}"', f' {_plain(height + STRIP_PT)}"'),
    ):
        root = root.replace(old, new)
    strip = f'<path d="M 0 0 H {_plain(width)} V {_plain(STRIP_PT)} H 0 z" style="fill: #ffffff"/>'
    word = f'<path d="{_outline(_word())}" style="fill: {page.VERMILLION.lower()}"/>'
    inside = f'<g transform="translate(0 {_plain(STRIP_PT)})">{text[opened:end]}</g>'
    title = f"<title>{BLIND}</title>"  # its letters are outlines: other programs read this
    return f"{text[:start]}{root}{title}{strip}{word}{inside}{text[end:]}".encode()


def _plain(value: float) -> str:
    """Return a number as matplotlib writes it into an SVG."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _outline(path: TextPath) -> str:
    """Return a path in the strip as SVG has it: y runs down."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    told = []
    for points, code in path.iter_segments():
        pairs = np.asarray(points, dtype=float).reshape(-1, 2)
        places = " ".join(f"{_plain(x)} {_plain(STRIP_PT - 4.0 - y)}" for x, y in pairs)
        told.append(letters[int(code)] if int(code) == 79 else f"{letters[int(code)]} {places}")
    return " ".join(told)


def marked_png(png: bytes, *, width: float) -> bytes:
    """Return a saved PNG under a strip that says BLIND; `width` is in points."""
    pixels = imread(BytesIO(png), format="png")[..., :3]
    scale = pixels.shape[1] / width  # pixels a point
    high = round(STRIP_PT * scale)
    figure = Figure(figsize=(pixels.shape[1] / 100, high / 100), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, STRIP_PT))
    axes.set_axis_off()
    axes.add_patch(PathPatch(_word(), facecolor=page.VERMILLION, edgecolor="none",
                             transform=mpl.transforms.Affine2D().translate(0, 4.0)
                             + axes.transData))  # fmt: skip
    strip = imread(BytesIO(page.save_png(figure, dpi=100)), format="png")[..., :3]
    target = BytesIO()
    about: Any = {"Software": None, "Title": BLIND}
    dots = {"dpi": (page.SCREEN_DPI, page.SCREEN_DPI)}
    imsave(target, np.vstack([strip[:, : pixels.shape[1]], pixels]), format="png",
           metadata=about, pil_kwargs=dots)  # fmt: skip
    return target.getvalue()
