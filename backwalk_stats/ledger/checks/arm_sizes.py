"""The arms of a trial cannot hold more people than were randomised.

n_1 + ... + n_k <= n of the study, for parallel arms at one visit. Moher et al., CONSORT 2010, item
13: numbers of participants by group.
"""

from __future__ import annotations

from collections.abc import Iterator

from backwalk_stats.ledger.case import Arm, Check
from backwalk_stats.ledger.participants import (
    arms_beside,
    is_everybody,
    may_count_others,
    number_randomised,
    people_read,
)
from backwalk_stats.ledger.verdict import CANNOT_ALL_BE_RIGHT, INPUTS_INCONSISTENT, Ruling

FORMULA = "n1 + n2 + ... <= n randomised"


def run(arm: Arm) -> Iterator[Ruling]:
    """Yield a ruling on n of the first arm of a table whose arms hold too many people.

    It must be read that the arms are different people, and how many were randomised; a plan is not
    that, and knees, trials or events are not people.
    """
    total, cell = number_randomised(arm.study), arm.cell
    if total is None or people_read(arm.study) != "different" or not cell.n:
        return
    beside = arms_beside(cell, arm.siblings)
    if is_everybody(cell.arm) or not beside or beside[0] is not cell:
        return
    if len(beside) > max(len(arm.study.arms), 1) or any(map(may_count_others, beside)):
        return
    sizes = [other.n or 0 for other in beside]
    if sum(sizes) <= total:
        return
    listed = " + ".join(map(str, sizes))
    summed = f" = {sum(sizes)}" if len(sizes) > 1 else ""
    yield Ruling(
        quantity="n",
        reported=str(cell.n),
        verdict=INPUTS_INCONSISTENT,
        reason=f"the arms hold {listed}{summed} people, but {total} were randomised; "
        + CANNOT_ALL_BE_RIGHT,
        inputs="; ".join(other.described() for other in beside),
        formula=FORMULA,
    )


CHECK = Check(
    name="arm_sizes",
    title="People in the arms against people randomised",
    formula=FORMULA,
    reference="Moher et al., CONSORT 2010, BMJ 2010;340:c869, item 13",
    scope="arm",
    run=run,
)
