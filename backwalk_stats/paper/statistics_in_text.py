"""Statistics in running text: which pieces of print belong together as one result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backwalk_stats.paper.plain_text import PlainText
from backwalk_stats.paper.printed_patterns import (
    EFFECT_WORD,
    ENDS,
    SCALES,
    SIGNED,
    UNIT,
    Piece,
    effect_name,
    pieces,
    plain_number,
)

# Farther apart than this, two pieces of a sentence are not read together.
REACH = 90
CONTEXT = 160
# Letters whose p needs a table or a sample size; a z or chi-square beside them decides.
_RANK_LETTERS = frozenset({"U", "W", "H", "tau"})
_SIZES = frozenset({"d", "g", "SMD"})
_PUNCTUATION = re.compile(r"[\s,;:()\[\]–-]*(?:and|with)?[\s,;:()\[\]]*")
_GLUE = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "df",
        "d",
        "f",
        "was",
        "is",
        "were",
        "the",
        "with",
        "two",
        "one",
        "tailed",
        "sided",
        "points",
        "point",
        "mm",
        "cm",
        "kg",
        "deg",
        "degrees",
        "resulting",
        "giving",
        "yielding",
        "level",
        "significant",
        "significantly",
        "statistically",
        "mse",
        "ms",
        "n",
        "se",
        "wald",
        "test",
        "likelihood",
        "respectively",
        "effect",
        "size",
        "power",
        "observed",
        "difference",
        "in",
        "m",
        "s",
    ]
)
_BEFORE_INTERVAL = re.compile(
    rf"(?<![\w.])(?P<value>{SIGNED}){ENDS}{UNIT}(?:\s(?:points?|units?|years?|days?|seconds|degrees))?"
    r"\s*[,;:(\[]*\s*(?:with\s)?(?:an?\s)?$"
)
# Numbers that stand before an interval without being its estimate: `at week 6 (95% CI ...)`.
_NO_ESTIMATE = re.compile(
    r"(?:\b(?:weeks?|months?|days?|years?|visits?|sessions?|table|fig(?:ure)?|arm|group|trials?|phase|"
    r"time|after|at|in|over|within|per|n\s?=)|\d\s?(?:of|/))\s*$",
    re.IGNORECASE,
)
_OTHER_CLAUSE = re.compile(r"[;()]|\b(?:and|while|but|whereas|versus|vs)\b", re.IGNORECASE)
_VERB = re.compile(r"(?:\b(?:of|was|were|is|are|equal(?:l?ed|s)?)|[=:])\s*$")
_RATES = re.compile(r"heart\srate|beats|bpm|respiratory\srate|breaths", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextResult:
    """One result as it stands in a text.

    Attributes
    ----------
    text : str
        As printed, spaces folded.
    start, end : int
        Where it stands in the plain text.
    statistic : str
        Canonical name ("t", "chi2", "OR"); "" for a p-value or an estimate without a name.
    kind : str
        "test", "effect", "p", "eta", "mean", "median", "count".
    main : Piece
        The piece that carries the statistic.
    p, interval, standard_error, eta : Piece or None
        What belongs to it.
    df : tuple of str
        Degrees of freedom as printed.
    sizes : tuple of str
        Numbers of people printed beside it.
    beside : tuple of Piece
        An effect that the same test is about: b, MD with its interval, U.
    loose : bool
        True when words stand between the statistic and its p: they need not belong together.
    heterogeneity : bool
        True when I2 stands before the p.
    shared : bool
        True when results without p stand just before: the p may be of one of them, or of both.
    before, after : str
        The words of the sentence around it, up to the next result.
    sentence : str
        The sentence around it, of a long one the part near it.
    """

    text: str
    start: int
    end: int
    statistic: str
    kind: str
    main: Piece
    p: Piece | None = None
    interval: Piece | None = None
    standard_error: Piece | None = None
    eta: Piece | None = None
    df: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    beside: tuple[Piece, ...] = ()
    loose: bool = False
    heterogeneity: bool = False
    shared: bool = False
    before: str = ""
    after: str = ""
    sentence: str = ""


@dataclass(slots=True)
class _Group:
    """Pieces that are being read together."""

    main: Piece
    members: list[Piece]
    p: Piece | None = None
    interval: Piece | None = None
    standard_error: Piece | None = None
    eta: Piece | None = None
    df: tuple[str, ...] = ()
    sizes: list[str] = field(default_factory=list)
    beside: list[Piece] = field(default_factory=list)
    loose: bool = False
    heterogeneity: bool = False

    @property
    def end(self) -> int:
        return max(piece.end for piece in self.members)


class _Reader:
    """Reads pieces in order and puts together what belongs to one result."""

    def __init__(self, text: PlainText, found: Sequence[Piece]) -> None:
        self.text = text
        self.found = found
        self.done: list[_Group] = []
        self.now: _Group | None = None
        self.waiting: list[Piece] = []

    def read(self) -> list[_Group]:
        for place, piece in enumerate(self.found):
            if self.now is not None and not self._joined(self.now, piece):
                self._close()
            if piece.kind in ("test", "effect"):
                self._statistic(piece, place)
            elif piece.kind in ("mean", "median", "count"):
                self.done.append(_Group(main=piece, members=[piece]))
            else:
                self._addition(piece)
        self._close()
        return self.done

    def _next(self, place: int) -> Piece | None:
        return self.found[place + 1] if place + 1 < len(self.found) else None

    def _between(self, first: int, last: int) -> str:
        return self.text.text[first:last]

    def _joined(self, group: _Group, piece: Piece) -> bool:
        start, end = self.text.sentence_at(group.main.start)
        near = piece.start - group.end <= REACH
        return near and start <= piece.start < end

    def _close(self) -> None:
        if self.now is not None:
            self.done.append(self.now)
        self.now = None
        self.waiting = []

    def _statistic(self, piece: Piece, place: int) -> None:
        following = self._next(place)
        now, new = self.now, _Group(main=piece, members=[piece])
        own_p = self._has_own_p(piece, place)
        if now is not None and self._same_test(now, piece, own_p=own_p):
            new.beside = [now.main, *now.beside]
            new.members = [*now.members, piece]
            new.p, new.interval, new.standard_error = now.p, now.interval, now.standard_error
            new.sizes, new.df = now.sizes, now.df
        elif now is not None and now.main.kind == "p" and not own_p and self._touches(now, piece):
            new.members = [*now.members, piece]
            new.p = now.main
        elif now is not None and self._belongs(now, piece, following):
            now.beside.append(piece)
            now.members.append(piece)
            return
        else:
            waiting = [one for one in self.waiting if self._touches(one, piece)]
            self._close()
            self.now = new
            self._degrees_inside(new)
            for one in waiting:
                self._addition(one)
            return
        self.now = new
        self._degrees_inside(new)

    def _has_own_p(self, piece: Piece, place: int) -> bool:
        """Tell whether a p stands right behind a piece, or behind its df."""
        following = self._next(place)
        if following is not None and following.kind in ("df", "n"):
            past = self._next(place + 1)
            tight = past is not None and self._tight(piece.end, past.start)
            return past is not None and past.kind == "p" and tight
        return following is not None and following.kind == "p" and self._touches(piece, following)

    def _touches(self, first: Piece | _Group, second: Piece) -> bool:
        gap = self._between(first.end, second.start)
        return _PUNCTUATION.fullmatch(gap) is not None

    def _same_test(self, now: _Group, piece: Piece, *, own_p: bool) -> bool:
        """Tell whether a test letter speaks of the effect or rank sum just before it."""
        if piece.kind != "test" or (now.p is not None and own_p) or now.loose:
            return False
        if now.main.kind == "effect":
            # A ratio is tested by Wald's z or chi-square, a difference by t or F as well.
            fits = SCALES.get(now.main.name) != "ratio" or piece.name in ("z", "chi2")
            return fits and self._tight(now.end, piece.start)
        return now.main.name in _RANK_LETTERS and piece.name in ("z", "chi2") and now.p is None

    def _belongs(self, now: _Group, piece: Piece, following: Piece | None) -> bool:
        """Tell whether an effect only adds to the result before it: no interval or p of its own."""
        if piece.kind != "effect" or "low" in piece.parts or now.main.kind == "p":
            return False
        if now.main.kind == "effect":
            sized = now.interval is not None and now.p is None and piece.name in _SIZES
            after = following is not None and following.kind == "p"
            return sized and after and self._tight(now.end, piece.start)
        own = following is not None and following.kind in ("interval", "p", "se")
        own = own and not (now.p is None and following is not None and following.kind == "p")
        return not (own and following is not None and self._tight(piece.end, following.start))

    def _tight(self, first: int, last: int) -> bool:
        words = re.findall(r"[A-Za-z]+", self._between(first, last).lower())
        return all(word in _GLUE for word in words)

    def _degrees_inside(self, group: _Group) -> None:
        main = group.main
        inside = tuple(main[key] for key in ("df1", "df2") if main[key])
        group.df = inside or group.df
        if main["n"]:
            group.sizes.append(main["n"])
        if main["low"] and group.interval is None:
            group.interval = main

    def _addition(self, piece: Piece) -> None:
        now = self.now
        if now is None or (now.main.kind == "p" and piece.kind != "p"):
            if piece.kind == "p":
                self._start_with_p(piece)
            else:
                self._leave(piece)
            return
        if piece.kind == "p":
            self._take_p(now, piece)
        elif not self._take(now, piece):
            self._leave(piece)

    def _leave(self, piece: Piece) -> None:
        if piece.kind == "eta":
            self.done.append(_Group(main=piece, members=[piece]))
        else:
            self.waiting.append(piece)

    def _start_with_p(self, piece: Piece) -> None:
        waiting = self.waiting
        self._close()
        self.waiting = waiting
        self.now = _Group(main=piece, members=[piece], p=piece)

    def _take_p(self, now: _Group, piece: Piece) -> None:
        if now.p is not None:
            self._close()
            self._start_with_p(piece)
            return
        now.p = piece
        now.loose = now.loose or not self._tight(now.end, piece.start)
        now.members.append(piece)

    def _take(self, now: _Group, piece: Piece) -> bool:
        if piece.kind == "interval" and now.interval is None and now.main.kind != "p":
            now.interval = piece
        elif piece.kind == "df" and not now.df:
            now.df = tuple(piece[key] for key in ("df1", "df2") if piece[key])
        elif piece.kind == "n":
            now.sizes.append(piece["n"])
        elif piece.kind == "se" and now.standard_error is None:
            now.standard_error = piece
        elif piece.kind == "eta" and now.main.name == "F" and now.eta is None:
            now.eta = piece
        elif piece.kind == "i2":
            now.heterogeneity = now.heterogeneity or now.p is None
        else:
            return False
        now.members.append(piece)
        return True


def statistics_in_text(text: PlainText) -> list[TextResult]:
    """Return the results that stand in a plain text, in order.

    A statistic takes the p, df, n, interval and standard error that stand with it in one sentence.
    A p-value alone is a result too; so are means with SD, medians with quartiles, and counts.

    Examples
    --------
    >>> from backwalk_stats.paper.plain_text import plain_text
    >>> found = statistics_in_text(plain_text("OR 2.3 (95% CI 1.1 to 4.8; P = .03), t(28) = 2.2"))
    >>> [(one.statistic, one.p is not None, one.df) for one in found]
    [('OR', True, ()), ('t', False, ('28',))]
    """
    found = _with_estimates(text, pieces(text.text))
    groups = sorted(_Reader(text, found).read(), key=lambda group: group.members[0].start)
    kept = [group for group in groups if _is_statistic(group, text.text)]
    spans = [(min(p.start for p in g.members), g.end) for g in kept]
    shared = [_is_shared(text, kept, place) for place in range(len(kept))]
    found_results = [_result(text, group, spans, place) for place, group in enumerate(kept)]
    return [replace(one, shared=of) for one, of in zip(found_results, shared, strict=True)]


def _is_shared(text: PlainText, groups: Sequence[_Group], place: int) -> bool:
    """Tell whether the p of a result may be that of one before it, or of both.

    `t(28) = 2.2 and t(28) = 1.1, p = .036 and p = .28` and `backward 1.9 (95% CI 1.2 to 2.6),
    forward 1.1 (95% CI 0.4 to 1.8), p = .08`.
    """
    now, start = groups[place], text.sentence_at(groups[place].main.start)[0]
    if now.p is None or now.main.kind == "p":
        return False
    before = groups[place - 1] if place else None
    alone = (
        before is not None
        and before.p is None
        and before.main.start >= start
        and before.main.kind == now.main.kind
        and (before.main.kind == "test" or before.interval is not None)
    )
    after = groups[place + 1] if place + 1 < len(groups) else None
    end = text.sentence_at(now.main.start)[1]
    listed = after is not None and after.main.kind == "p" and after.main.start < end
    return alone or (listed and "respectively" in text.text[start:end])


def _with_estimates(text: PlainText, found: list[Piece]) -> list[Piece]:
    """Add the number that an interval stands behind, with the name that the sentence gives it."""
    more: list[Piece] = []
    end = 0
    for piece in found:
        if piece.kind == "interval":
            start, _ = text.sentence_at(piece.start)
            gap = max(start, end, piece.start - CONTEXT)
            number = _BEFORE_INTERVAL.search(text.text[gap : piece.start])
            words = text.text[gap : gap + number.start()] if number else ""
            if number and not _NO_ESTIMATE.search(words):
                more.append(_estimate(text.text, number, gap, piece))
        end = piece.end
    return sorted([*found, *more], key=lambda piece: piece.start)


def _estimate(text: str, number: re.Match[str], gap: int, interval: Piece) -> Piece:
    words = list(EFFECT_WORD.finditer(text[gap : interval.start][: number.start()]))
    name = ""
    if words:
        between = text[gap + words[-1].end() : gap + number.start()].lstrip(" ,")
        apart = _OTHER_CLAUSE.search(between) or ("," in between and not _VERB.search(between))
        name = "" if apart else effect_name(words[-1])[0]
    parts = {"value": plain_number(number.group("value"))}
    start = gap + number.start("value")
    return Piece(kind="effect", start=start, end=gap + number.end("value"), name=name, parts=parts)


def _is_statistic(group: _Group, text: str) -> bool:
    """Leave out letters that only look like a statistic: `F = 250`, `HR 72 (70 to 74)`."""
    main = group.main
    if main.name in ("HR", "RR") and "hazard" not in text.lower() and "risk" not in text.lower():
        return not _RATES.search(text)
    if main.kind == "effect":
        # An effect word with a number and nothing to hold it against is no statistic.
        held = group.p or group.interval or group.standard_error
        return held is not None or (main.name in ("d", "g", "SMD", "OR", "HR", "IRR", "AUC"))
    if main.kind != "test" or group.df or group.p or group.interval or group.sizes:
        return True
    return main.name in ("r", "rho", "tau", "chi2") and "." in main["value"]


def _result(
    text: PlainText, group: _Group, spans: Sequence[tuple[int, int]], place: int
) -> TextResult:
    start, end = spans[place]
    first, last = text.sentence_at(start)
    past = spans[place - 1][1] if place else 0
    coming = spans[place + 1][0] if place + 1 < len(spans) else last
    before = min(max(first, start - CONTEXT, past), start)
    after = max(min(last, end + CONTEXT, coming), end)
    main = group.main
    return TextResult(
        text=_as_printed(text, start, end),
        start=start,
        end=end,
        statistic=main.name,
        kind=main.kind,
        main=main,
        p=group.p,
        interval=group.interval,
        standard_error=group.standard_error,
        eta=group.eta,
        df=group.df,
        sizes=tuple(group.sizes),
        beside=tuple(group.beside),
        loose=group.loose,
        heterogeneity=group.heterogeneity,
        sentence=text.text[max(first, start - 2 * CONTEXT) : min(last, end + 2 * CONTEXT)],
        before=text.text[before:start],
        after=text.text[end:after],
    )


def _as_printed(text: PlainText, start: int, end: int) -> str:
    """Return the passage as printed, or in plain signs where it holds markup; brackets closed."""
    if text.text[end : end + 1] in {")", "]"}:
        passage = text.text[start:end]
        end += passage.count("(") > passage.count(")") or passage.count("[") > passage.count("]")
    printed = text.printed(start, end)
    if re.search(r"<[/A-Za-z]|&[#\w]+;|[\\$]", printed):
        printed = text.text[start:end]
    return printed.lstrip(",;: ")
