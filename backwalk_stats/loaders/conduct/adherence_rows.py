"""Sessions attended, missed or after withdrawal: one row a participant and session."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from backwalk_stats.errors import nearest
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.sheets.encoding import folded
from backwalk_stats.loaders.sheets.sheet import LINE, Sheet
from backwalk_stats.loaders.trial.sources import read_declared
from backwalk_stats.loaders.trial_file.data_schema import AdherenceTable

COLUMNS = ("participant", "session", "status")
CODES = {
    **dict.fromkeys(("attended", "1", "yes", "y", "x"), "attended"),
    **dict.fromkeys(("missed", "0", "no", "n"), "missed"),
    **dict.fromkeys(("withdrawn", "w"), "withdrawn"),
}
_Row = tuple[str, int, str]


def no_adherence() -> pd.DataFrame:
    """Return a table of sessions without rows."""
    return _frame([])


def read_adherence(
    table: AdherenceTable, *, folder: Path, participants: Collection[str], findings: Findings
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the sessions, and the hash of the file by its name; tell people not of the trial."""
    sheet = read_declared(table, key="adherence", folder=folder, findings=findings)
    if sheet is None:
        return no_adherence(), {}
    sources = {sheet.file: sheet.sha256}
    wanted = [table.participant, *table.columns, *filter(None, [table.session, table.status])]
    there = [str(name) for name in sheet.frame.columns]
    absent = [name for name in wanted if name not in there]
    for name in absent:
        found, action = f"no column '{name}'", nearest(name, there)
        findings.add(name, "a column of [adherence]", found, action, file=sheet.file)
    if absent:
        return no_adherence(), sources
    rows = list(_rows(sheet, table, findings))
    _check(rows, sheet, table, participants, findings)
    return _frame(rows), sources


def _frame(rows: Sequence[_Row]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
    return frame.astype({"participant": "str", "session": "int64", "status": "str"})


def _rows(sheet: Sheet, table: AdherenceTable, findings: Findings) -> Iterator[_Row]:
    """Yield the sessions whose status is known; tell words that are no status."""
    ids = sheet.frame[table.participant].tolist()
    lines = sheet.frame[LINE].tolist()
    codes = CODES | {folded(text): status for text, status in table.codes.items()}
    for place, column in enumerate(table.columns or [table.status or ""], start=1):
        wrong, numberless = [], []
        numbers = sheet.frame[table.session].tolist() if table.session else [str(place)] * len(ids)
        for one, text, session, line in zip(
            ids, sheet.frame[column].tolist(), numbers, lines, strict=True
        ):
            if not text.strip() or text.strip() in table.missing_codes:
                continue
            status = codes.get(folded(text))
            if status is None:
                wrong.append(int(line))
            elif not session.strip().isascii() or not session.strip().isdigit():
                numberless.append(int(line))
            else:
                yield one, int(session), status
        tell = partial(findings.add, file=sheet.file)
        if wrong:
            expected = "attended, missed or withdrawn (1, 0, w)"
            action = 'Declare other words: codes = { came = "attended" }'
            tell(column, expected, "another word", action, row=wrong)
        if numberless:
            tell(table.session, "the number of the session", "another text", row=numberless)


def _check(
    rows: Sequence[_Row],
    sheet: Sheet,
    table: AdherenceTable,
    participants: Collection[str],
    findings: Findings,
) -> None:
    """Refuse people who are not in the trial, and sessions that occur twice."""
    known = set(participants)
    where: dict[str, list[int]] = defaultdict(list)
    for one, line in zip(sheet.frame[table.participant], sheet.frame[LINE], strict=True):
        where[str(one)].append(int(line))
    strangers = sorted(line for one, lines in where.items() if one not in known for line in lines)
    if strangers:
        expected, found = "participants of the trial", "an id that no file of [[data]] has"
        findings.add(table.participant, expected, found, row=strangers, file=sheet.file)
    sessions = ((one, session) for one, session, _ in rows)
    again = sorted({one for (one, _), times in Counter(sessions).items() if times > 1})
    if again:
        lines = sorted(line for one in again for line in where[one])
        expected, found = "each session of a participant once", "one that occurs again"
        findings.add(table.participant, expected, found, row=lines, file=sheet.file)
