"""A report as plain frozen blocks: what is said, in which order, and nothing about how it looks."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal

from backwalk_stats.registry import members
from backwalk_stats.tables.display import DisplayTable

if TYPE_CHECKING:
    pass

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
    """Terms, each with what it means; short terms can stand `beside` their meanings."""

    kind: ClassVar[str] = "definitions"
    entries: tuple[tuple[Text, Text], ...]
    beside: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The box on the first page."""

    kind: ClassVar[str] = "answer"
    lead: Text


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
    """

    kind: ClassVar[str] = "table"
    id: str
    table: DisplayTable
    links: tuple[str, ...] = ()
    on_paper: bool = True


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
    """

    kind: ClassVar[str] = "figure"
    name: str
    svg: bytes = field(repr=False)
    png: bytes = field(repr=False)
    caption: str
    alt: str
    narrow: bytes = field(default=b"", repr=False)
    on_paper: bool = True

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
    | Answer
    | Opening
    | ClaimLines
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
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    language: str = "en"

    def figures(self) -> tuple[FigureBlock, ...]:
        """Return every picture, in reading order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, FigureBlock))

    def tables(self) -> tuple[TableBlock, ...]:
        """Return every table, in reading order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, TableBlock))

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
    room: ModuleType, subject: object, progress: Callable[[str], None] | None = None
) -> tuple[Section, ...]:
    """Return the sections of a room about a subject, in order, those with something to say.

    The modules of the room have an `ORDER` and a function `section(subject)`; `progress` is called
    with the name of each before it is written.
    """
    written: list[Section] = []
    for module in sorted(members(room), key=lambda module: int(module.ORDER)):
        if progress is not None:
            progress(module.__name__.rpartition(".")[2].replace("_", " "))
        written.append(module.section(subject))
    return tuple(section for section in written if section.blocks)
