"""The trial file of the simulated trial."""

from __future__ import annotations

from collections.abc import Sequence

from backwalk_stats.analyses.simulated.outcomes import SimulatedOutcome
from backwalk_stats.analyses.simulated.people import SESSIONS_A_WEEK

HEAD = """\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[trial]
id = "simulated-knee"
title = "SIMULATED: backward against forward walking in knee osteoarthritis"
seed = {seed}
registration = "none: simulated"
deviations = ["None: this trial is simulated."]

[arms]
reference = "forward"
labels = {{ BW = "backward", FW = "forward" }}
names = {{ backward = "Backward walking", forward = "Forward walking" }}

[visits]
baseline = "{baseline}"
order = [{order}]
weeks = [{weeks}]

[[data]]
file = "scores.csv"
layout = "wide"
participant = "id"
arm = "group"
covariates = ["age", "sex", "kl_grade", "site"]
missing_codes = {{ NA = "dropped out", 999 = "visit missed" }}

[sets]
per_protocol = "per_protocol"
received = "received"

[adherence]
file = "adherence.csv"
participant = "id"
columns = [{sessions}]
"""

PRIMARY = """
[[estimand]]
id = "E1"
outcome = "{outcome}"
visit = "{visit}"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = [
  "ancova", "change-score", "constrained-longitudinal", "rank-based", "multiple-imputation",
  "jump-to-reference", "copy-reference", "copy-increments", "tipping-point",
  "per-protocol", "as-treated", "bootstrap", "permutation",
]
subgroups = ["sex", "site"]
"""

FURTHER = """
[[estimand]]
id = "E{place}"
outcome = "{outcome}"
visit = "{visit}"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = ["ancova", "jump-to-reference"]
"""

TAIL = """
[multiplicity]
method = "{method}"
order = [{order}]
"""


def trial_toml(
    visits: Sequence[str],
    weeks: Sequence[int],
    measured: Sequence[SimulatedOutcome],
    *,
    seed: int,
) -> str:
    """Return the trial file; the baseline comes first, and the first outcome is the primary one."""
    sessions = range(1, SESSIONS_A_WEEK * (weeks[-1] - weeks[0]) + 1)
    text = HEAD.format(
        seed=seed,
        baseline=visits[0],
        order=_quoted(visits),
        weeks=", ".join(map(str, weeks)),
        sessions=_quoted([f"s{place:02d}" for place in sessions]),
    )
    text += "".join(_outcome(one, visits) for one in measured)
    text += PRIMARY.format(outcome=measured[0].name, visit=visits[-1])
    for place, one in enumerate(measured[1:], start=2):
        text += FURTHER.format(place=place, outcome=one.name, visit=visits[-1])
    estimands = [f"E{place}" for place in range(1, len(measured) + 1)]
    return text + TAIL.format(method="fixed-sequence", order=_quoted(estimands))


def _outcome(outcome: SimulatedOutcome, visits: Sequence[str]) -> str:
    lines = ["", "[[outcome]]", f'name = "{outcome.name}"', *outcome.keys]
    if outcome.items:
        lines += ["", "[outcome.items]"]
        lines += [f"{visit} = [{_quoted(outcome.columns(visit))}]" for visit in visits]
    else:
        cells = [f'{visit} = "{outcome.columns(visit)[0]}"' for visit in visits]
        lines += [f"columns = {{ {', '.join(cells)} }}"]
    return "\n".join(lines) + "\n"


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)
