"""Labels that could point at a person: those that few people have, names of places, dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from backwalk_stats.trial.trial import Trial

RARE = "Other (each in fewer than {limit} people)"
RARE_IN_TEXT = "[a label of fewer than {limit} people]"
DATE = "A date (not shown)"
FREE_TEXT = "A text (not shown)"
_LONGEST = 40  # letters of a label; more are a text
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})")
_PLACE = re.compile(
    r"(?:^|_)(?:site|cent(?:re|er)|clinic|hospital|practice|therapist|physio|investigator)s?(?:_|$)"
)
_TELLING = re.compile(r"[^\W\d_]{3}")  # a label that a text can be searched for: letters, not codes
_NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCloak:
    """What stands in place of labels that are not shown.

    Attributes
    ----------
    levels : mapping of str to (mapping of str to str)
        For each covariate, label to what is shown in its place.
    limit : int
        Smallest number of people whose label may be shown.
    """

    levels: Mapping[str, Mapping[str, str]]
    limit: int

    def text(self, text: str) -> str:
        """Return a text in which no hidden label stands.

        Examples
        --------
        >>> cloak = LabelCloak(levels={"site": {"Dr Berg": "Site 1"}}, limit=5)
        >>> cloak.text("site Dr Berg has one arm only"), cloak.text("Dr Bergmann")
        ('site Site 1 has one arm only', 'Dr Bergmann')
        """
        for hidden in self.levels.values():
            for label in sorted(hidden, key=len, reverse=True):
                if _TELLING.search(label) or _DATE.search(label):
                    pattern = rf"(?<!\w){re.escape(label)}(?!\w)"
                    rare = hidden[label] == RARE.format(limit=self.limit)
                    told = RARE_IN_TEXT.format(limit=self.limit) if rare else hidden[label]
                    text = told.join(re.split(pattern, text))
        return text

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame in which no hidden label stands.

        Levels of a covariate are exchanged; rows that become the same level are added up where
        they count people, and lose their other statistics.
        """
        if not any(self.levels.values()) or not len(frame):
            return frame
        shown = frame.copy()
        if "variable" in frame.columns and "level" in frame.columns:
            shown["level"] = [
                self.levels.get(str(name), {}).get(str(level), level)
                for name, level in zip(frame["variable"], frame["level"], strict=True)
            ]
            return _joined(shown)
        for column in ("label", "group", "note", "reason", "level", "action"):
            if column in shown.columns:
                shown[column] = [
                    self._whole(value) if isinstance(value, str) else value
                    for value in shown[column]
                ]
        return shown

    def _whole(self, value: str) -> str:
        """Return a cell: a hidden label as a whole, or as part of a text."""
        return next((one[value] for one in self.levels.values() if value in one), self.text(value))


def label_cloak(trial: Trial) -> LabelCloak:
    """Return what must be hidden of the labels of a trial's covariates.

    A label that fewer than `trial.small_cell` people have is not shown. Dates and free text never
    are, whatever the limit: free text is a covariate with more labels than half its people, or a
    label of more than 40 letters. Sites are numbered: their names are names of places where the
    participants live.
    """
    people = trial.participants
    limit = trial.small_cell
    levels = {
        str(name): _hidden(str(name), people[name], limit)
        for name in people.columns
        if name not in _NOT_COVARIATES and not pd.api.types.is_numeric_dtype(people[name])
    }
    return LabelCloak(
        levels={name: hidden for name, hidden in levels.items() if hidden}, limit=limit
    )


def _hidden(name: str, labels: pd.Series, limit: int) -> dict[str, str]:
    """Return the labels of one covariate that are not shown, with what stands for them."""
    counts = labels.dropna().astype(str).value_counts()
    hidden = {}
    site = _PLACE.search(name.lower()) is not None
    text = len(counts) > 2 and len(counts) > counts.sum() / 2
    for place, label in enumerate(sorted(counts.index), start=1):
        if counts[label] < limit:
            hidden[label] = RARE.format(limit=limit)
        elif site:
            hidden[label] = f"Site {place}"
        elif _DATE.search(label):
            hidden[label] = DATE
        elif text or len(label) > _LONGEST:
            hidden[label] = FREE_TEXT
    return hidden


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a baseline table in which rows of the same variable, level and arm are one."""
    keys = ["variable", "level", "kind", "arm"]
    if not frame.duplicated(keys).any():
        return frame
    order = list(dict.fromkeys(frame[keys].itertuples(index=False, name=None)))
    rows = []
    for key, group in frame.groupby(keys, sort=False, dropna=False, observed=True):
        row = group.iloc[0].to_dict()
        if len(group) > 1:
            row["count"] = group["count"].sum(min_count=1)
            row["percent"] = group["percent"].sum(min_count=1)
        rows.append((order.index(key), row))
    ordered = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
    return pd.DataFrame(ordered, columns=frame.columns)
