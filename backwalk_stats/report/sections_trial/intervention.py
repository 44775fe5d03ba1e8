"""What was done in each arm, as planned, and how many of the sessions people came to."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.trial.conduct import INTERVENTION

ORDER = 37
_GIVEN = "Sessions that people came to"
_PLANNED, _DONE = "As planned", "As given"
_AFTER = ("modifications", "fidelity")  # what is known only afterwards
_CAPTION = "What was done in each arm, as the trial file says it; topics of TIDieR and CERT."


def section(subject: TrialSubject) -> document.Section:
    """Return the interventions of the arms beside each other; nothing where none is described."""
    told = subject.trial.conduct
    if not any(told.of_arm(arm) for arm in subject.arms):
        return document.Section(id="intervention", title="Interventions", blocks=())
    rows, groups = [], []
    keys = [key for key in INTERVENTION if any(key in told.of_arm(arm) for arm in subject.arms)]
    for key in (*(k for k in keys if k not in _AFTER), *(k for k in keys if k in _AFTER)):
        cells = [told.of_arm(arm).get(key, numbers.DASH) for arm in subject.arms]
        rows.append((INTERVENTION[key], *cells))
        groups.append(_DONE if key in _AFTER else _PLANNED)
    given = sessions_given(subject)
    if given:
        rows.append((_GIVEN, *(given.get(arm, numbers.DASH) for arm in subject.arms)))
        groups.append(_DONE)
    table = DisplayTable(
        columns=display_columns(
            ("topic", "Topic", "left", 1.4),
            *((f"arm{k}", label, "left", 2.4) for k, label in enumerate(subject.arms.values())),
        ),
        rows=display_rows(rows),
        groups=tuple(groups),
        caption=_CAPTION,
    )
    block = document.TableBlock(id="interventions", table=table)
    return document.Section(id="intervention", title="Interventions", blocks=(block,))


def sessions_given(subject: TrialSubject) -> dict[str, str]:
    """Return by arm which share of the recorded sessions people came to, as far as it is shown."""
    part = next(iter(subject.parts("adherence")), None)
    frame = part.frames.get("sessions") if part is not None else None
    if frame is None or not len(frame):
        return {}
    found = {}
    about = "about " if subject.trial.small_cell > 1 else ""
    for arm, own in frame.groupby(frame["arm"].astype(str), sort=False):
        if own["attended"].notna().all() and own["n"].sum() > 0:
            share = 100.0 * float(own["attended"].sum()) / float(own["n"].sum())
            n = own["session"].nunique()
            found[str(arm)] = f"{about}{numbers.percent(share, 0)} of {n} sessions"
    return found
