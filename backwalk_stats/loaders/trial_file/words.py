"""What the words of a trial file may be: names, slugs, and lists that may also be tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
NAME = re.compile(r"[^\W\d]\w{0,62}")
# Columns that the package itself gives to its frames.
RESERVED = frozenset([
    "participant", "arm", "visit", "outcome", "value", "baseline", "change", "week", "session",
    "status", "period", "sequence", "line", "per_protocol", "arm_received",
])  # fmt: skip


class Table(BaseModel):
    """A table of the trial file: only known keys, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def unexpected(expected: str, *, action: str = "") -> PydanticCustomError:
    """Return the error of a value that is not what a key holds."""
    return PydanticCustomError("unexpected", "{expected}", {"expected": expected, "action": action})


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        expected = "1 to 64 of a-z 0-9 _ -, beginning and ending with a letter or digit"
        raise unexpected(expected, action="It names files and rows of results")
    return text


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        expected = "a name: a letter, then letters, digits and _"
        raise unexpected(expected, action="It becomes the name of a column")
    return text


def _words(text: str) -> str:
    if not text.strip() or len(text) > 500 or not text.isprintable():
        raise unexpected("1 to 500 characters on one line")
    return text


Slug = Annotated[str, AfterValidator(_slug)]
Name = Annotated[str, AfterValidator(_name)]
Words = Annotated[str, AfterValidator(_words)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def _columns_by_name(value: object) -> object:
    if not isinstance(value, list):
        return value
    wrong = [one for one in value if not isinstance(one, str) or not NAME.fullmatch(one)]
    if wrong:
        action = (
            'A column whose name is no plain word gets one: covariates = { age = "Age (years)" }'
        )
        raise unexpected("names of columns: letters, digits and _", action=action)
    if len(set(value)) < len(value):
        raise unexpected("every covariate once")
    return {one: one for one in value}


def _codes_with_reasons(value: object) -> object:
    if not isinstance(value, list):
        return value
    if not all(isinstance(one, str) for one in value):
        raise unexpected('codes in quotation marks, such as "999"')
    return {one: f"code {one}" if one.strip() else "" for one in value}


def _under_one_key(kind: type) -> Callable[[object], object]:
    def under(value: object) -> object:
        plain = isinstance(value, kind) and not isinstance(value, bool)
        return {"": value} if plain else value

    return under


# Each of these may be written short; what comes out is always the table.
Covariates = Annotated[dict[Name, Words], BeforeValidator(_columns_by_name)]
MissingCodes = Annotated[dict[str, str], BeforeValidator(_codes_with_reasons)]
ColumnOrByVisit = Annotated[dict[str, Words], BeforeValidator(_under_one_key(str))]
ItemsOrByVisit = Annotated[dict[str, list[Words]], BeforeValidator(_under_one_key(list))]
CountOrByReason = Annotated[dict[str, Count], BeforeValidator(_under_one_key(int))]
