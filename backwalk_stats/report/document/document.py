"""A report as plain frozen blocks: what is said, in which order, and nothing about how it looks."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from html import escape
from types import ModuleType
from typing import ClassVar, Literal

from backwalk_stats.registry import members
from backwalk_stats.tables.display import DisplayTable

Tone = Literal["good", "near", "bad", "open", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Words that lead elsewhere: `target` is "#anchor" in this document, or an https address."""

    kind: ClassVar[str] = "link"
    text: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Strong:
    """Words that weigh more."""

    kind: ClassVar[str] = "strong"
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """A verdict in words, with a mark that does not need colour to be told apart."""

    kind: ClassVar[str] = "badge"
    text: str
    mark: str
    tone: Tone


Inline = str | Link | Strong | Badge
Text = tuple[Inline, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """One paragraph; what only leads to other places of a page may be left out on paper."""

    kind: ClassVar[str] = "paragraph"
    content: Text
    on_paper: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list of short texts."""

    kind: ClassVar[str] = "items"
    entries: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subheading:
    """A heading inside a section."""

    kind: ClassVar[str] = "subheading"
    id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Definitions:
    """Terms, each with what it means; short terms can stand `beside` their meanings.

    With `spelt`, a regular expression for each entry, those that the rest of the report does not
    say are left out.
    """

    kind: ClassVar[str] = "definitions"
    entries: tuple[tuple[Text, Text], ...]
    beside: bool = False
    spelt: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """The answer as the largest thing on the first screen, then what it means in short paragraphs.

    Where a picture follows it, both stand beside each other.
    """

    kind: ClassVar[str] = "opening"
    answer: str
    entries: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How often a verdict was given."""

    badge: Badge
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimLine:
    """One claim in a line: its number, the claim, the verdict, what that rests on."""

    label: str
    claim: str
    badge: Badge
    line: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimLines:
    """Every claim in a line of its own, under the counts of the verdicts, zeros included."""

    kind: ClassVar[str] = "claims"
    id: str
    title: str
    tallies: tuple[Tally, ...]
    rows: tuple[ClaimLine, ...]


# What the first page of a report on a trial is made of.


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The answer to the first question: the largest thing on the page, then what it means.

    Attributes
    ----------
    answer, sureness : str
        How much and which way; then, set lighter, its interval and p-value.
    lead : tuple of inline
        What the answer leaves open, in about two lines.
    """

    kind: ClassVar[str] = "finding"
    answer: str
    sureness: str
    lead: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFigure:
    """One number that a reader takes away: what it is, the number, how it came about."""

    label: str
    figure: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFigures:
    """Two or three numbers beside each other."""

    kind: ClassVar[str] = "figures"
    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenQuestions:
    """What is not known: each with its subject, and nothing that is known."""

    kind: ClassVar[str] = "open"
    id: str
    title: str
    entries: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Abstract:
    """A short structured abstract: each part under its own head, run in."""

    kind: ClassVar[str] = "abstract"
    id: str
    title: str
    entries: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForestMark:
    """One estimate with its limits, each as a share of the axis from its left end, and words.

    A threshold stands where a named important change lies; shares that are not known are None.
    """

    estimate: float | None
    low: float | None
    high: float | None
    threshold: float | None = None
    bold: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Forest:
    """A forest inside a table: a mark a row on one axis, which a writer draws after a column.

    Attributes
    ----------
    after : int
        Place of the column that it follows.
    head : str
        What stands over it.
    marks : tuple of ForestMark
        One for each row.
    zero : float
        Where no difference lies, as a share of the axis.
    ticks : tuple of (float, str)
        Places of the axis, as shares, with their labels.
    sides : tuple of str
        What lies to the left and to the right of zero; "" where that is not known.
    """

    after: int
    head: str
    marks: tuple[ForestMark, ...]
    zero: float
    ticks: tuple[tuple[float, str], ...]
    sides: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableBlock:
    """A display table.

    Attributes
    ----------
    id : str
        Anchor of the table; row anchors begin with it.
    table : DisplayTable
        What it shows.
    links : tuple of str
        Either empty or one web address per row, "" for none; the first cell leads there.
    on_paper : bool
        Whether it stands in the PDF too; a long list may be for the screen alone.
    targets : tuple of str
        Either empty or one "#anchor" per row, "" for none: what the cell of the column `leading`
        leads to. On paper the page is told.
    leading : int
        Place of the column whose cells lead to `targets`.
    forest : Forest or None
        What is drawn beside the numbers, where a writer can draw; it repeats them.
    number : int
        Its number in the document, 0 before it has one.
    """

    kind: ClassVar[str] = "table"
    id: str
    table: DisplayTable
    links: tuple[str, ...] = ()
    on_paper: bool = True
    targets: tuple[str, ...] = ()
    leading: int = 0
    forest: Forest | None = None
    number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FigureBlock:
    """A picture, drawn once, with the words that stand for it.

    Attributes
    ----------
    name : str
        File name without its ending, in lower case.
    svg, png : bytes
        The same picture twice.
    caption : str
        What the reader sees under it.
    alt : str
        What a reader who cannot see it is told.
    on_paper : bool
        Whether it stands in the PDF too.
    narrow : bytes
        An SVG of the same for narrow screens and columns; empty where there is none.
    number : int
        Its number in the document, 0 before it has one.
    """

    kind: ClassVar[str] = "figure"
    name: str
    svg: bytes = field(repr=False)
    png: bytes = field(repr=False)
    caption: str
    alt: str
    narrow: bytes = field(default=b"", repr=False)
    on_paper: bool = True
    number: int = 0

    def __repr__(self) -> str:
        """Return what it shows."""
        return f"<Figure {self.name}: {self.caption[:200]}>"

    def _repr_html_(self) -> str:
        """Return the picture for a notebook, with its caption and the words that stand for it."""
        picture = b64encode(self.svg).decode("ascii")
        return (
            f"<figure><img alt='{escape(self.alt)}' src='data:image/svg+xml;base64,{picture}'>"
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """One printed number, and everything that its verdict rests on; all text.

    Attributes
    ----------
    interval, interval_name : str
        The recomputed interval, and what it is: what rounding allows, or the values that can be.
    origin : str
        Who printed the number.
    on_paper : bool
        Whether the row stands in the PDF too.
    """

    anchor: str
    what: str
    quantity: str
    reported: str
    recomputed: str
    interval: str
    interval_name: str
    badge: Badge
    reason: str
    check: str
    inputs: str
    formula: str
    source: str
    origin: str = ""
    on_paper: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerGroup:
    """The rows of one study."""

    anchor: str
    title: str
    summary: str
    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerBlock:
    """Every row of the ledger, by study; a row unfolds where the medium allows it."""

    kind: ClassVar[str] = "ledger"
    groups: tuple[LedgerGroup, ...]


Block = (
    Paragraph
    | Items
    | Subheading
    | Definitions
    | Opening
    | ClaimLines
    | Finding
    | KeyFigures
    | OpenQuestions
    | Abstract
    | TableBlock
    | FigureBlock
    | LedgerBlock
)


def paragraphs(texts: Iterable[str]) -> list[Block]:
    """Return a paragraph for each text."""
    return [Paragraph(content=(text,)) for text in texts]


def led(lead: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks under a sentence that leads to them; nothing where there are none."""
    return (Paragraph(content=(lead,)), *blocks) if blocks else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the report under one heading; without blocks it is left out."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    short: str = ""  # the title in the list of contents, where that is another
    on_paper: bool = True  # whether it stands in the PDF too
    appendix: bool = False  # whether it stands after the main part


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The whole report.

    Attributes
    ----------
    title, subtitle : str
        The title page in two lines.
    sections : tuple of Section
        In reading order, none empty.
    language : str
        Language of the text, as in BCP 47.
    mark : str
        What stands on every page, such as "BLIND: the arms were dealt anew"; what comes before the
        colon is the mark alone. "" for nothing.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    language: str = "en"
    mark: str = ""

    def figures(self) -> tuple[FigureBlock, ...]:
        """Return every picture, in reading order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, FigureBlock))

    def tables(self) -> tuple[TableBlock, ...]:
        """Return every table, in reading order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, TableBlock))

    def numbered(self) -> Document:
        """Return the document with its tables and figures counted, each from 1 to the last.

        They are counted before anything is left out for a medium, so that a number is the same on
        the page, on paper and in Word.
        """
        count = {TableBlock: 0, FigureBlock: 0}

        def counted(block: Block) -> Block:
            if not isinstance(block, TableBlock | FigureBlock):
                return block
            count[type(block)] += 1
            return replace(block, number=count[type(block)])

        sections = tuple(
            replace(part, blocks=tuple(counted(block) for block in part.blocks))
            for part in self.sections
        )
        return replace(self, sections=sections)

    def on_paper(self) -> Document:
        """Return the document without what is for the screen alone."""
        shown = (part for part in self.sections if part.on_paper)
        sections = (replace(part, blocks=_on_paper(part.blocks)) for part in shown)
        return replace(self, sections=tuple(part for part in sections if part.blocks))


def _on_paper(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks and rows of the ledger without those that are for the screen alone."""
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, LedgerBlock):
            cut = [
                replace(group, rows=tuple(row for row in group.rows if row.on_paper))
                for group in block.groups
            ]
            kept.append(replace(block, groups=tuple(group for group in cut if group.rows)))
        elif getattr(block, "on_paper", True):
            kept.append(block)
    return tuple(kept)


# Sections, found in their room and put in order, become one document.


def section_count(room: ModuleType) -> int:
    """Return how many sections a report can have."""
    return len(members(room))


def written_sections(
    room: ModuleType,
    subject: object,
    progress: Callable[[str], None] | None = None,
    *,
    orders: range | None = None,
) -> tuple[Section, ...]:
    """Return the sections of a room about a subject, in order, those with something to say.

    The modules of the room have an `ORDER` and a function `section(subject)`; `progress` is called
    with the name of each before it is written. With `orders`, only those whose `ORDER` is one of
    them are. A list of terms keeps those that the sections say.
    """
    written: list[Section] = []
    for module in sorted(members(room), key=lambda module: int(module.ORDER)):
        if orders is not None and int(module.ORDER) not in orders:
            continue
        if progress is not None:
            progress(module.__name__.rpartition(".")[2].replace("_", " "))
        written.append(module.section(subject))
    return with_terms_that_occur(tuple(section for section in written if section.blocks))


def words_of(value: object) -> Iterator[str]:
    """Yield every text of a section or block, in reading order.

    Examples
    --------
    >>> list(words_of(Paragraph(content=("Seen ", Strong(text="twice")))))
    ['Seen ', 'twice']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from words_of(part)
    elif is_dataclass(value):
        for one in fields(value):
            yield from words_of(getattr(value, one.name))


def with_terms_that_occur(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Return sections whose lists of terms hold only those that stand elsewhere."""
    glossaries = [
        section
        for section in sections
        if any(isinstance(block, Definitions) and block.spelt for block in section.blocks)
    ]
    if not glossaries:
        return sections
    said = "\n".join(
        text for section in sections if section not in glossaries for text in words_of(section)
    )
    kept: list[Section] = []
    for section in sections:
        blocks = [_occurring(block, said) for block in section.blocks]
        shown = tuple(block for block in blocks if block is not None)
        kept += [replace(section, blocks=shown)] if shown else []
    return tuple(kept)


def _occurring(block: Block, said: str) -> Block | None:
    """Return a block; of a list of terms with spellings, what occurs, None if nothing does."""
    if not isinstance(block, Definitions) or not block.spelt:
        return block
    entries = tuple(
        entry
        for entry, spelling in zip(block.entries, block.spelt, strict=True)
        if re.search(spelling, said)
    )
    return replace(block, entries=entries, spelt=()) if entries else None
