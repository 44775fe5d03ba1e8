"""Participants drawn to match published summaries: a type of its own, never a data frame.

What the summaries determine can be computed from it (`determined`: t tests, ANCOVA, effect sizes).
What they do not determine, such as ranks, responders, robust errors or anybody's line in a figure,
is refused: it would tell of the draw and not of the trial.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal, NoReturn

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.record.arm_summary import ArmSummary
from backwalk_stats.registry import Shown

MARK = "RECONSTRUCTED"
NOT_DETERMINED = {
    "wilcoxon": "ranks of changes",
    "mann_whitney": "ranks",
    "rank_based": "ranks",
    "hodges_lehmann": "ranks",
    "medians": "medians and quartiles",
    "responders": "how many people changed by so much",
    "robust": "robust standard errors (they need fourth moments)",
    "permutation": "the permutation distribution",
    "bootstrap": "the bootstrap distribution",
    "normality": "the shape of the distribution",
    "subgroups": "anything about subgroups",
    "individuals": "anybody's own values",
}
# What a caller asks first of something that it takes for a frame or a sequence.
_OF_A_FRAME = frozenset(
    {"columns", "loc", "iloc", "index", "values", "to_csv", "to_numpy", "groupby", "copy", "shape"}
    | {"assign", "dropna", "query", "merge", "pivot", "plot", "to_excel", "empty", "dtypes"}
)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ArmMoments(Shown):
    """Sample moments of one arm: people, means, SDs (n - 1), correlation.

    The correlation is 0 where a column does not vary, and so has no products.
    """

    arm: str
    n: int
    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    mean_change: float
    sd_change: float
    correlation: float


class NotDetermined(NotEstimable, AttributeError):
    """Asked of reconstructed data: what published summaries do not determine."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class ReconstructedData(Shown):
    """Pairs of scores whose summaries are those published; nothing else in them is real.

    Attributes
    ----------
    printed : tuple of ArmSummary
        What was published of each arm; the reference first.
    source : str
        Where it was published: study, table, page.
    seed, index : int
        Root of the draw and number of the replicate.
    scale : str
        In words: "continuous", or the grid of scores.
    origin : str
        Always "reconstructed".
    """

    printed: tuple[ArmSummary, ...]
    source: str
    seed: int
    index: int
    scale: str
    _pairs: tuple[FloatArray, ...]
    origin: Literal["reconstructed"] = field(default="reconstructed", init=False)

    @property
    def arms(self) -> tuple[str, ...]:
        """Return the names of the arms, the reference first."""
        return tuple(arm.arm for arm in self.printed)

    @property
    def moments(self) -> tuple[ArmMoments, ...]:
        """Return the moments of each arm: what the published numbers determine."""
        return tuple(_moments(arm, pair) for arm, pair in zip(self.arms, self._pairs, strict=True))

    def summaries(self) -> pd.DataFrame:
        """Return the moments as a frame, one row an arm.

        Columns: the fields of `ArmMoments`.
        """
        return pd.DataFrame([asdict(one) for one in self.moments])

    def export_text(self) -> str:
        """Return the draw as CSV; the header row says that it is reconstructed.

        Returns str: participant (SIM-0001 ...), arm, and before and after, whose columns bear the
        mark.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["participant", "arm", f"pre_{MARK}", f"post_{MARK}", "origin"])
        number = 0
        for arm, pair in zip(self.arms, self._pairs, strict=True):
            for pre, post in pair.tolist():
                number += 1
                writer.writerow([f"SIM-{number:04d}", arm, f"{pre!r}", f"{post!r}", self.origin])
        return text.getvalue()

    def export(self, folder: Path | str, name: str = "participants") -> Path:
        """Write the draw into a folder, whole or not at all, and return the file.

        `folder`: made where it is missing. `name`: without ending; the file is called
        RECONSTRUCTED_<name>.csv. Raises UsageError if the name would lead out of the folder.
        """
        if not name or Path(name).name != name:
            raise UsageError(f"expected a file name without folders, found '{name}'")
        target = Path(folder) / f"{MARK}_{name}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=target.parent, prefix=f".{MARK}_", delete=False, encoding="utf-8", newline=""
        ) as file:
            file.write(self.export_text())
        os.replace(file.name, target)
        return target

    def __repr__(self) -> str:
        """Return what it is, never what it holds."""
        people = ", ".join(f"{arm.arm} {arm.n}" for arm in self.printed)
        return f"<{MARK} data: {people}; {self.scale}; seed {self.seed}; from {self.source}>"

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse what is not determined."""
        if name in NOT_DETERMINED:
            raise _refusal(NOT_DETERMINED[name])
        if name in _OF_A_FRAME:
            raise _refusal(NOT_DETERMINED["individuals"])
        raise AttributeError(f"'ReconstructedData' has no attribute '{name}'")

    def __getitem__(self, key: object) -> NoReturn:
        """Refuse to be taken for a frame."""
        raise _refusal(NOT_DETERMINED["individuals"])

    def __iter__(self) -> Iterator[object]:
        """Refuse to be taken for a sequence."""
        raise _refusal(NOT_DETERMINED["individuals"])

    def __array__(self, *_: object, **__: object) -> NoReturn:
        """Refuse to be taken for an array."""
        raise _refusal(NOT_DETERMINED["individuals"])


def _moments(arm: str, pair: FloatArray) -> ArmMoments:
    pre, post = pair.T
    change = post - pre
    varies = pre.std() > 0.0 and post.std() > 0.0
    return ArmMoments(
        arm=arm,
        n=len(pair),
        mean_pre=float(pre.mean()),
        sd_pre=float(pre.std(ddof=1)),
        mean_post=float(post.mean()),
        sd_post=float(post.std(ddof=1)),
        mean_change=float(change.mean()),
        sd_change=float(change.std(ddof=1)),
        correlation=float(np.corrcoef(pre, post)[0, 1]) if varies else 0.0,
    )


def _refusal(what: str) -> NotDetermined:
    return NotDetermined(
        f"published summaries do not determine {what}, so reconstructed data cannot tell it; they "
        "determine paired_t, student_t, welch_t, ancova and effect_sizes of models.determined"
    )
