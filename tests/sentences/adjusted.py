"""What is said of p-values that were adjusted, or were not, held against the plan and the rows."""

from __future__ import annotations

import re
from math import isnan
from typing import Any

from backwalk_stats.trial.estimand import Estimand
from tests.sentences.reader import P, same_p

# Words of the tests' own for the methods of a trial file.
METHODS = {
    "holm": "Holm’s method",
    "hochberg": "Hochberg’s method",
    "hommel": "Hommel’s method",
    "fixed-sequence": "the fixed sequence",
    "gatekeeping": "serial gatekeeping",
    "parallel-gatekeeping": "parallel gatekeeping",
    "graph": "the graphical procedure",
}
SAID = (
    r"(?:, (?P<left>not adjusted for multiplicity)"
    rf"|, adjusted for multiplicity by (?P<by>[^();,]+?) (?P<p_adjusted>{P}))?"
)


def adjustment(trial: Any, asked: Estimand, row: dict[str, Any], found: re.Match[str]) -> None:
    """Hold what stands after a p: the adjusted p with its procedure, or that nothing was done."""
    method, order = trial.multiplicity
    covered = {name for entry in order for name in entry.split("+")}
    primary = [one.id for one in trial.estimands if one.role == "primary"]
    alone = len(primary) > 1 and asked.id in primary and asked.id not in covered
    assert bool(found["left"]) == alone, (found[0], trial.multiplicity)
    p = float(row["p_adjusted"])
    assert bool(found["p_adjusted"]) == (not alone and not isnan(p)), (found[0], row)
    if found["p_adjusted"]:
        assert found["by"] == METHODS[method] and asked.id in covered, (found[0], method)
        assert same_p(found["p_adjusted"], p), (found[0], row)
