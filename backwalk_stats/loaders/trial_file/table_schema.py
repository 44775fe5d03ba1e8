"""What every table of a trial file is made of: known keys, words, names of files, missing codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from backwalk_stats.loaders.sheets.header_rows import plain_name

NAME = re.compile(r"[^\W\d]\w{0,62}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")


class Table(BaseModel):
    """A table of the trial file: only known keys, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def unexpected(expected: str, *, action: str = "") -> PydanticCustomError:
    """Return the error of a value that is not what a key holds."""
    return PydanticCustomError("unexpected", "{expected}", {"expected": expected, "action": action})


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        expected = "1 to 64 of a-z 0-9 _ -, beginning and ending with a letter or digit"
        plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:64].strip("-_")
        write = f": write '{plain}'" if plain else ""
        raise unexpected(expected, action=f"It names files and rows of results{write}")
    return text


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        expected = "a name: a letter, then letters, digits and _"
        raise unexpected(expected, action="It becomes the name of a column")
    return text


def _path(text: str) -> str:
    if not text.strip() or len(text) > 500 or not text.isprintable():
        broken = any(sign in text for sign in "\t\n\r\b\f")
        action = "A backslash begins a special sign: write / in paths" if broken else ""
        raise unexpected("1 to 500 characters on one line", action=action)
    return text


def _words(text: str) -> str:
    # As names of columns are read: blanks of every kind are one space.
    return _path(text if "\n" in text or "\r" in text else plain_name(text))


def _codes_with_reasons(value: object) -> object:
    if not isinstance(value, list):
        return value
    if not all(isinstance(one, str) for one in value):
        raise unexpected('codes in quotation marks, such as "999"')
    return {one: f"code {one}" if one.strip() else "" for one in value}


def under_one_key(kind: type) -> Callable[[object], object]:
    """Return what takes a plain value of a kind for a table with that value alone."""

    def under(value: object) -> object:
        plain = isinstance(value, kind) and not isinstance(value, bool)
        return {"": value} if plain else value

    return under


def listed(value: object) -> object:
    """Return a text as a list of one."""
    return [value] if isinstance(value, str) else value


Slug = Annotated[str, AfterValidator(_slug)]
Name = Annotated[str, AfterValidator(_name)]
Words = Annotated[str, AfterValidator(_words)]
FileName = Annotated[str, AfterValidator(_path)]
MissingCodes = Annotated[dict[str, str], BeforeValidator(_codes_with_reasons)]
OneOrMore = Annotated[list[Words], Field(min_length=1, max_length=20), BeforeValidator(listed)]
