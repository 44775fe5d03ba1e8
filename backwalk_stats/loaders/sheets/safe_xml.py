"""XML of an untrusted file, element by element: what could expand or fetch anything is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from backwalk_stats.errors import InputError

CHUNK = 1024 * 1024
PROLOG = 4096
Start = Callable[[str, dict[str, str]], None]


def walk(
    stream: IO[bytes],
    *,
    file: str,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    r"""Call functions for each element of an XML document, in its order.

    Parameters
    ----------
    stream : binary file
        The document.
    file : str
        For messages.
    start, end, text : callable
        Given (name, attributes), (name), and the text between. Names come without their namespace;
        an attribute that has one comes as "namespace name".

    Raises
    ------
    InputError
        If the document is not well-formed, or has a document type or an entity of its own: those
        can expand without end or read other files, and no spreadsheet writes them.

    Examples
    --------
    >>> import io
    >>> walk(io.BytesIO(b"<x:a xmlns:x='u' k='1'/>"), file="a.xlsx", start=print)
    a {'k': '1'}
    """
    parser = _parser(file)
    local = _LocalNames()
    parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local[name])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise unsound(file, "XML that is not well-formed") from error


class _LocalNames(dict[str, str]):
    """Name with namespace to name without; each is cut once, for there are millions."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(" ")[2]
        return self[name]


def refuse_document_type(stream: IO[bytes], *, file: str) -> None:
    """Raise as `walk` does where an XML document has a document type; read no further than that."""
    parser = _parser(file)
    begun = []
    parser.StartElementHandler = lambda name, _: begun.append(name)
    try:
        while not begun and (chunk := stream.read(PROLOG)):
            parser.Parse(chunk, False)
    except expat.ExpatError as error:
        raise unsound(file, "XML that is not well-formed") from error


def _parser(file: str) -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise unsound(file, "XML with a document type (DTD)")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def unsound(
    file: str, found: str, action: str = "Open it in a spreadsheet and save it anew"
) -> InputError:
    """Return the error of a workbook that is not as a spreadsheet writes it."""
    return InputError.of(file, "a sound workbook", found, action)
