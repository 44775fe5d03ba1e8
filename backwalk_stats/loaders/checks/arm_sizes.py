"""Sizes of the arms: enough to compare, and as many as the participant flow says."""

from __future__ import annotations

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView

UNEQUAL = 2.5


def check(view: TrialView, findings: Findings) -> None:
    """Refuse comparisons with an arm of fewer than two; warn of sizes that look like a mistake."""
    counts = {arm: 0 for arm in view.study.arm_names}
    counts |= {str(k): int(n) for k, n in view.participants["arm"].value_counts().items()}
    if view.study.design == "crossover":
        there = view.cells[view.cells["value"].notna()]
        periods = there[there["visit"] != view.study.baseline]
        walked = periods.groupby("arm", observed=True)["participant"].nunique()
        counts = {arm: int(walked.get(arm, 0)) for arm in counts}
    compared = {arm for estimand in view.estimands for arm in estimand.contrast}
    filled = [arm for arm, n in counts.items() if n]
    for arm, n in counts.items():
        if n < 2 and arm in compared and view.without_arm:
            continue  # their arm may be this one, and that they have none is told
        if n < 2 and arm in compared:
            action = "Add the data of the arm, or take out the estimand that compares it"
            if len(filled) == 1:
                action = "With one arm only, changes within it can be described: no estimand"
            found = f"{n} in {arm}" if n else f"nobody in {arm}"
            expected = "two participants or more in each arm that is compared"
            findings.add("arms", expected, found, action)
        elif not n:
            findings.repair("arms", f"arm {arm} left out: nobody is in it", 1)
    _hold_against_flow(view, counts, findings)


def _hold_against_flow(view: TrialView, counts: dict[str, int], findings: Findings) -> None:
    allocated = view.flow[view.flow["stage"] == "allocated"]
    declared = dict(zip(allocated["arm"], allocated["n"], strict=True))
    if _exchanged(declared, counts):
        action = "sizes agree with [flow] if two labels are exchanged: check [arms.labels]"
        findings.warn("arms.labels", action)
    for arm, n in declared.items():
        if counts.get(arm, 0) != n:
            action = f"participants in arm {arm}: another number than [flow] says were allocated"
            findings.warn("flow.allocated", action, counts.get(arm, 0))
    sizes = [n for n in counts.values() if n]
    if not declared and len(sizes) > 1 and max(sizes) > UNEQUAL * min(sizes):
        action = "arms of very unequal size: are data missing?"
        findings.warn("arms", action, min(sizes))


def _exchanged(declared: dict[str, int], counts: dict[str, int]) -> bool:
    """Return whether exactly two arms differ, and each has the size of the other."""
    wrong = [arm for arm, n in declared.items() if counts.get(arm, 0) != n]
    if len(wrong) != 2:
        return False
    a, b = wrong
    return declared[a] == counts.get(b, 0) and declared[b] == counts.get(a, 0)
