"""The one gate for the columns of a trial: what is passed becomes a settled frame, or is refused.

Behind it every column is what it is used as: numbers are doubles, arms and visits that have an
order are categoricals, text has none; there is one row for each participant (and visit), and an arm
stays or changes as the design has it. So nothing behind it checks a column again. What was decided
stands in the notes; what cannot be decided is refused, with what to do. No value of a participant
is shown.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import cast

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.columns import participants
from backwalk_stats.models.columns.labels import (
    Labels,
    SettledColumn,
    as_levels,
    as_text,
    categories,
    in_order,
    labels,
    plain_levels,
    plain_text,
    variable,
)
from backwalk_stats.models.columns.numbers import (
    answers,
    counts,
    exposures,
    kind_of,
    listed,
    numbers,
    refuse_infinite,
    shown,
)
from backwalk_stats.models.formula.design import label_of
from backwalk_stats.models.formula.formula import Formula

KNOWN = 20
EXACT = 2.0**53  # whole numbers up to here are doubles
LEVELS = ("factor", "C")
BOOLS = ((False,), (True,), (False, True), ())
AN_ORDER = (
    "make it a categorical with its levels in order: pd.Categorical(data[{0!r}], "
    "categories=[...], ordered=True)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialColumns:
    """Which column of a frame has which role; every column has one.

    Attributes
    ----------
    outcome, baseline, weights : str, optional
        Numbers. Infinite ones are refused.
    times : tuple of str
        Numbers: coordinates of a row in time or place.
    exposure : str, optional
        Numbers above 0: the time or distance over which events were counted.
    responder, event, before, after : str, optional
        True and false, or 1 and 0.
    arm, visit, participant, strata, sequence, group : str, optional
        Labels; `visit` is also the period of a crossover.
    covariates : tuple of str
        Numbers, or levels, by what they hold.
    outcome_as : str
        What the outcome is read as: "numbers", "answers" (as `responder`), "counts" (whole numbers
        of 0 or more) or "categories" (in an order that is declared).

    Examples
    --------
    >>> TrialColumns(outcome="pain", arm="group", covariates=("age",)).named
    {'outcome': 'pain', 'arm': 'group', 'covariates': 'age'}
    """

    outcome: str | None = None
    responder: str | None = None
    participant: str | None = None
    visit: str | None = None
    arm: str | None = None
    baseline: str | None = None
    covariates: tuple[str, ...] = ()
    strata: str | None = None
    sequence: str | None = None
    group: str | None = None
    weights: str | None = None
    times: tuple[str, ...] = ()
    event: str | None = None
    exposure: str | None = None
    before: str | None = None
    after: str | None = None
    outcome_as: str = "numbers"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return (role, column) of every column that is named."""
        found = []
        for field in fields(self):
            if field.name == "outcome_as":
                continue
            given = getattr(self, field.name)
            own = given if isinstance(given, tuple) else () if given is None else (given,)
            found += [(field.name, name) for name in own]
        return tuple(found)

    @property
    def named(self) -> dict[str, str]:
        """Return the columns by role; of several covariates the last."""
        return dict(self.pairs)

    def reading(self, role: str) -> str:
        """Return what decides how a column of a role is read: the role, of an outcome its kind."""
        return self.outcome_as if role == "outcome" else role

    @property
    def every(self) -> tuple[str, ...]:
        """Return every column, in the order of the roles."""
        return tuple(name for _, name in self.pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledRows:
    """The rows of a trial behind the gate.

    Attributes
    ----------
    frame : DataFrame
        The columns that were named, with the index of the data: doubles, categoricals (the
        reference arm first), text where levels have no order; NaN or None where a value is missing.
    notes : tuple of str
        What the gate decided.
    planned : tuple
        Levels of the visits, in order: those declared, or those of all rows, incomplete ones too.
    people : Participants or None
        Of a model by formula that names them.
    dropped : int
        Rows that were left out because they miss a value.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    planned: tuple[object, ...] = ()
    people: participants.Participants | None = None
    dropped: int = 0

    @property
    def note(self) -> str:
        """Return the notes in one line, for the column `notes` of a frame of results."""
        return "; ".join(self.notes)

    def complete(self) -> SettledRows:
        """Return the rows in which nothing is missing, and add to the notes how many are left out.

        Raises UsageError if no row is complete.
        """
        held, left = _complete({str(name): column for name, column in self.frame.items()})
        return replace(
            self,
            frame=self.frame[held],
            notes=(*left, *self.notes),
            dropped=len(held) - int(held.sum()),
        )


def _complete(columns: Mapping[str, object]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return which rows miss nothing, shape (n,), and a note on how many do."""
    gaps = {name: _missing(column) for name, column in columns.items()}
    held = ~np.logical_or.reduce(list(gaps.values()))
    if not held.any():
        raise UsageError(none_complete(gaps))
    if held.all():
        return held, ()
    where = ", ".join(f"{name} {int(gap.sum())}" for name, gap in gaps.items() if gap.any())
    return held, (f"{int((~held).sum())} of {len(held)} rows left out; missing values: {where}",)


def none_complete(names: Iterable[str]) -> str:
    """Return what is said where nobody has every column that is needed."""
    return f"no row has all of {', '.join(names)}"


def frame_of(data: object) -> pd.DataFrame:
    """Return the data as a pandas frame: as they are, or through an exchange protocol.

    Raises UsageError if they are no frame, and offer neither `__arrow_c_stream__` nor
    `__dataframe__`.
    """
    if isinstance(data, pd.DataFrame):
        if data.columns.nlevels > 1:
            raise UsageError(
                f"the columns of the data have {data.columns.nlevels} levels of names; expected "
                "one: name them anew, as in data.columns = [...]"
            )
        return data
    if getattr(data, "origin", "") == "reconstructed":
        return data.columns  # type: ignore[attr-defined, no-any-return]  # refuses, with its reason
    refused = UsageError(
        f"the data are a {type(data).__name__}; expected a pandas DataFrame, or a frame that "
        "offers __arrow_c_stream__ or __dataframe__ (polars, pyarrow); pd.DataFrame(...) makes one"
    )
    if isinstance(data, (pd.Series, pd.Index)):
        raise refused
    with warnings.catch_warnings():
        # pandas reads both protocols, and warns that the older one is to go.
        warnings.simplefilter("ignore")
        for protocol, read in (
            ("__arrow_c_stream__", getattr(pd.DataFrame, "from_arrow", None)),
            ("__dataframe__", pd.api.interchange.from_dataframe),
        ):
            if read is None or not hasattr(data, protocol):
                continue
            try:
                return pd.DataFrame(read(data))
            except Exception:  # whatever a foreign frame raises, the answer is the same refusal
                continue
    raise refused


def taken(data: object, pairs: Iterable[tuple[str, object]], *, once: bool) -> pd.DataFrame:
    """Return the data as a frame that has every named column once.

    `pairs` (iterable of (role, column)). `once`: whether each column may have one role only.
    """
    frame, roles = frame_of(data), dict[str, str]()
    if not len(frame) and len(frame.columns):
        raise UsageError("the data have no row: look at what was read, and at what was filtered")
    for role, name in pairs:
        if not isinstance(name, str) or not name:
            raise _not_named(role, name)
        if once and name in roles:
            raise UsageError(
                f"{printable(name)}: named twice, as {roles[name]} and as {role}; each column has "
                "one role"
            )
        roles.setdefault(name, role)
    count = frame.columns.value_counts() if frame.columns.has_duplicates else None
    absent = [printable(name) for name in roles if name not in frame.columns]
    if absent:
        known = ", ".join(printable(str(name)) for name in frame.columns[:KNOWN])
        raise UsageError(f"no column named {', '.join(absent)}; there are: {known}")
    twice = [] if count is None else [name for name in roles if count[name] > 1]
    if twice:
        raise UsageError(
            f"{', '.join(map(printable, twice))}: named twice in the data; leave out or rename one"
        )
    return frame


def _not_named(role: str, name: object) -> UsageError:
    what = type(name).__name__ if name else "none" if name is None else "empty text"
    return UsageError(
        f"{role}: expected the name of one column as text, found {what}; "
        "rename columns with data.rename(columns=str) where they are numbers"
    )


def require_named(columns: TrialColumns, *roles: str) -> None:
    """Refuse a call that leaves a role without a column that the door cannot do without."""
    for role in roles:
        if getattr(columns, role) is None:
            raise _not_named(role, None)


def settled_arms(
    data: object, columns: TrialColumns, *, compared: bool = True, reference: object = None
) -> SettledRows:
    """Return one row a participant, for the doors that compare arms.

    `compared`: whether arms are compared with a reference, which then stands first. `reference`: an
    arm; None is the first level, of a categorical only. Raises UsageError if a column is missing,
    named twice or of the wrong kind, a value is infinite, an arm is not given, or a participant has
    two rows or two arms.
    """
    require_named(columns, *(["arm"] if compared else []))
    require_named(columns, *([] if columns.responder or columns.before else ["outcome"]))
    frame = taken(data, columns.pairs, once=True)
    found, labelled = _settled(frame, columns)
    if columns.participant is not None:
        people = participants.codes_of(pd.Series(found[columns.participant].values))
        if columns.arm is not None:
            participants.refuse_varying(labelled["arm"].codes, people, columns.arm)
        participants.refuse_repeats(people, None, columns.participant, columns.visit)
    if compared and columns.arm is not None:
        found[columns.arm] = _reference_first(labelled["arm"], found[columns.arm], reference)
    return _joined(frame, found, told=())


def settled_visits(
    data: object,
    columns: TrialColumns,
    *,
    compared: bool = True,
    reference: object = None,
    ordered: str = "",
    within: bool = False,
) -> SettledRows:
    """Return one row for each participant and visit, for the doors that compare arms over visits.

    `columns`: with a participant, a visit and an arm. `compared`, `reference`: as in
    `settled_arms`. `ordered`: what needs the order of the visits; "" where nothing does. `within`:
    whether arms change within participants, as in a crossover; else they must not. Raises
    UsageError as `settled_arms`; or if visits are text without an order where it decides.
    """
    require_named(columns, "outcome", "participant", "visit", "arm")
    frame = taken(data, columns.pairs, once=True)
    found, labelled = _settled(frame, columns)
    arm, visit = str(columns.arm), str(columns.visit)
    people = participants.codes_of(pd.Series(found[str(columns.participant)].values))
    if not within:
        participants.refuse_varying(labelled["arm"].codes, people, arm)
    participants.refuse_repeats(people, labelled["visit"].codes, columns.participant, columns.visit)
    if within and not participants.varying(labelled["arm"].codes, people):
        raise UsageError(
            f"{arm} is one for each participant: a crossover compares arms within participants; "
            "for arms between them use ancova or mmrm"
        )
    if ordered:
        _require_order(found[visit], visit, ordered)
    if compared:
        found[arm] = _reference_first(labelled["arm"], found[arm], reference)
    return _joined(frame, found, told=(visit,) if ordered else ())


def settled_measurements(data: object, columns: TrialColumns) -> SettledRows:
    """Return one row for each participant and measurement (role `visit`), without arms.

    Raises UsageError if a column is missing, named twice or of the wrong kind, a value is infinite,
    or a participant has two rows for one measurement.
    """
    require_named(columns, "outcome", "participant", "visit")
    frame = taken(data, columns.pairs, once=True)
    found, labelled = _settled(frame, columns)
    people = participants.codes_of(pd.Series(found[str(columns.participant)].values))
    participants.refuse_repeats(people, labelled["visit"].codes, columns.participant, columns.visit)
    return _joined(frame, found, told=(str(columns.visit),))


def settled_formula(
    data: object, formula: Formula, columns: TrialColumns, *, ordered: str = ""
) -> SettledRows:
    """Return the complete rows of a model by formula.

    `columns`: those named beside the formula; a column may stand in both. `ordered`: what needs the
    order of the visits; "" where nothing does. Raises UsageError if a column is missing or of the
    wrong kind, a value is infinite, no row is complete, a participant has two rows at a visit, or a
    group varies within one.
    """
    beside = columns.pairs
    pairs = [*(("formula", name) for name in formula.columns), *beside]
    frame = taken(data, pairs, once=False)
    taken(frame, [one for one in beside if one[0] in ("participant", "visit")], once=True)
    roles = {name: columns.reading(role) for role, name in beside}
    found = {
        name: _by_role(frame[name], name, roles[name])
        if name in roles
        else _of_formula(frame[name], name, formula)
        for name in dict.fromkeys(name for _, name in pairs)
        if name != columns.visit
    }
    for name in (columns.weights, *columns.times):
        if name is not None and name in (columns.participant, columns.visit, columns.group):
            numbers(frame[name], name)
    planned: tuple[object, ...] = ()
    if columns.visit is not None:
        column = frame[columns.visit]
        own = labels(column, columns.visit, alike=True)
        found[columns.visit] = _of_labels(own, column, unseen=False)
        planned = own.declared
        if ordered:
            _require_order(found[columns.visit], columns.visit, ordered)
    labelled = [name for name in (columns.visit, columns.group) if name is not None]
    settled = replace(_complete_rows(frame, found, labelled), planned=planned)
    if columns.participant is None:
        return settled
    people = participants.participants_of(settled.frame[columns.participant])
    if columns.visit is not None:
        visits = participants.codes_of(settled.frame[columns.visit])
        participants.refuse_repeats(people.codes, visits, columns.participant, columns.visit)
    if columns.group is not None:
        participants.refuse_varying(
            participants.codes_of(settled.frame[columns.group]), people.codes, columns.group
        )
    if columns.weights is not None:
        _refuse_weights(settled.frame[columns.weights].to_numpy(), columns.weights)
    return replace(settled, people=people)


def _complete_rows(
    frame: pd.DataFrame, found: Mapping[str, SettledColumn], labelled: Sequence[str]
) -> SettledRows:
    """Return the complete rows of settled columns; whole labels that are held as 1.0 become 1."""
    arrays = {name: _plain(one.values) for name, one in found.items()}
    held, left = _complete(arrays)
    if left:
        arrays = {name: values[held] for name, values in arrays.items()}
    for name in labelled:
        values = arrays[name]
        if values.dtype == np.float64 and (values % 1 == 0).all():
            arrays[name] = values.astype(np.int64)
    # what was not taken out of the data's own arrays is copied, so that a fit keeps its rows
    index = frame.index[held] if left else frame.index
    rows = pd.DataFrame(arrays, index=index, copy=not left)
    return SettledRows(
        frame=rows, notes=(*left, *_notes_of(found, told=found)), dropped=len(held) - len(rows)
    )


def _of_formula(column: pd.Series, name: str, formula: Formula) -> SettledColumn:
    """Return a column by the uses that a formula makes of it."""
    if name == formula.response.column:
        return SettledColumn(*numbers(column, name))
    random = [term for part in formula.random for term in part.terms]
    uses = {
        one.function for term in (*formula.terms, *random) for one in term if one.column == name
    }
    if not uses:
        return _by_role(column, name, "participant")
    if uses <= {"", *LEVELS}:
        return variable(column, name, factor="" not in uses)
    return SettledColumn(*numbers(column, name))


def _by_role(column: pd.Series, name: str, role: str) -> SettledColumn:
    """Return a column settled as its role wants it."""
    if role in ("numbers", "baseline", "weights", "times"):
        return SettledColumn(*numbers(column, name))
    if role in ("answers", "responder", "event", "before", "after"):
        return SettledColumn(*answers(column, name))
    if role == "counts":
        return SettledColumn(*counts(column, name))
    if role == "exposure":
        return SettledColumn(*exposures(column, name))
    if role == "categories":
        return categories(column, name)
    if role == "covariates":
        return variable(column, name)
    if role == "participant":
        return _ids(column, name)
    return _of_labels(labels(column, name, alike=role in ("arm", "visit")), column)


def _of_labels(own: Labels, column: pd.Series, *, unseen: bool = True) -> SettledColumn:
    """Return labels as a column; numbers that were held as objects as numbers."""
    settled = as_levels(own, column, unseen=unseen)
    if own.order != "numbers" or kind_of(column) != "values" or own.levels in BOOLS:
        return settled
    if max(abs(float(str(one))) for one in own.levels) > EXACT:
        return settled
    held = np.array([*own.levels, np.nan], dtype=float)[own.codes]
    note = f"{own.name}: numbers that were held as objects were read as numbers"
    return SettledColumn(held, (*settled.notes, note))


def _ids(column: pd.Series, name: str) -> SettledColumn:
    """Return ids as they are, or as text where numbers, text and blanks were mixed."""
    kind = kind_of(column)
    refuse_infinite(column, name)
    if kind in ("number", "bool") or plain_text(column):
        return SettledColumn(column)
    if kind == "category" and plain_levels(column) is not None:
        return SettledColumn(column)
    own = labels(column, name, ids=True)
    if own.order in ("numbers", "declared") and not own.notes:
        return SettledColumn(column)
    values = np.array([*own.levels, None], dtype=object)[own.codes]
    return SettledColumn(values, own.notes)


def _settled(
    frame: pd.DataFrame, columns: TrialColumns
) -> tuple[dict[str, SettledColumn], dict[str, Labels]]:
    """Return the columns of a door with roles, and the labels of arm and visit, by role.

    A row lacks nothing that says what it is.
    """
    found: dict[str, SettledColumn] = {}
    labelled: dict[str, Labels] = {}
    for role, name in columns.pairs:
        one = _by_role(frame[name], name, columns.reading(role))
        if role in ("participant", "visit", "arm", "sequence"):
            gaps = _missing(one.values)
            _refuse_missing(int(gaps.sum()), len(gaps), name)
        if role in ("visit", "arm"):
            labelled[role] = labels(frame[name], name)
            one = one._replace(values=labelled[role].categorical())
        found[name] = one
    return found, labelled


def refuse_one_arm(levels: Sequence[object], name: str) -> None:
    """Refuse a trial of one arm."""
    if len(levels) < 2:
        raise UsageError(f"{name}: one arm in the rows used, so there is none to compare")


def _reference_first(own: Labels, settled: SettledColumn, reference: object) -> SettledColumn:
    """Return the arms that somebody is in, the reference first."""
    refuse_one_arm(own.levels, own.name)
    if reference is None and own.order != "declared":
        raise UsageError(
            f"no reference arm: give reference=, one of: {own.listed()}; or make {own.name} a "
            "categorical whose first level is the reference"
        )
    first = 0 if reference is None else level_of(own.levels, reference, own.name)
    levels = [own.levels[first], *own.levels[:first], *own.levels[first + 1 :]]
    place = {one: at for at, one in enumerate(levels)}
    codes = np.array([place[one] for one in own.levels], dtype=int)[own.codes]
    return settled._replace(values=in_order(codes, levels))


def level_of(levels: Sequence[object], wanted: object, name: str) -> int:
    """Return the place of a level that is named as it is or by its label.

    Raises UsageError if there is none; lists those that there are.
    """
    text = as_text(wanted)
    for at, level in enumerate(levels):
        if text in (as_text(level), label_of(level)):
            return at
    raise UsageError(f"{name} has no level {shown(wanted)!r}; there are: {listed(levels)}")


def _joined(
    frame: pd.DataFrame, found: Mapping[str, SettledColumn], *, told: Iterable[str]
) -> SettledRows:
    """Return settled columns as a frame, and what was decided of them."""
    columns, index = {name: one.values for name, one in found.items()}, frame.index
    if set(index.names) & set(columns):
        index = index.set_names([None] * index.nlevels)
    return SettledRows(frame=pd.DataFrame(columns, index=index), notes=_notes_of(found, told=told))


def _notes_of(found: Mapping[str, SettledColumn], *, told: Iterable[str]) -> tuple[str, ...]:
    """Return what was decided of columns; of those `told` also the order, as it names numbers."""
    notes = [note for one in found.values() for note in one.notes]
    orders = [found[name] for name in told if found[name].order]
    notes += [one.order for one in orders if not one.alphabetical]
    by_alphabet = [one.order for one in orders if one.alphabetical]
    if by_alphabet:
        notes.append(
            "text levels in alphabetical order, the first is the reference: "
            + ", ".join(by_alphabet)
        )
    return tuple(notes)


def _require_order(settled: SettledColumn, name: str, what: str) -> None:
    if settled.alphabetical:
        raise UsageError(
            f"{name}: {what} needs the order of the visits, and text tells it only where each has "
            f"one number and the same words around it; found {settled.order}; "
            + AN_ORDER.format(name)
        )


def _refuse_missing(missing: int, rows: int, name: str) -> None:
    if missing:
        raise UsageError(
            f"{name}: missing in {missing} of {rows} rows; mend these rows, or leave them out"
        )


def _missing(column: object) -> np.ndarray:
    """Tell of each row whether it misses a value, shape (n,)."""
    values = _plain(column)
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes < 0)
    return np.asarray(np.isnan(values) if values.dtype == np.float64 else pd.isna(values))


def _plain(column: object) -> np.ndarray | pd.api.extensions.ExtensionArray:
    """Return the array of a column, without the frame's bookkeeping, which costs more than it."""
    if not isinstance(column, pd.Series):
        return cast("np.ndarray", column)
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _refuse_weights(values: FloatArray, name: str) -> None:
    wrong = int((values <= 0).sum())
    if wrong:
        raise UsageError(f"weights {name}: {wrong} of {len(values)} are not above 0")
