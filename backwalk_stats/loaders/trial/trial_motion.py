"""The motion file of a trial: its recordings, and whether they are of the same people and arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.participants import Allocation
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.trial_file import TrialFile
from backwalk_stats.loaders.trial_file.trial_plan import study
from backwalk_stats.trial.motion_plan import MotionPlan

KEY = "motion.file"


def read_motion(
    trial_file: TrialFile, allocation: Allocation, *, findings: Findings
) -> tuple[MotionPlan | None, dict[str, str]]:
    """Return the plan of the trial's motion file, its arms as the trial calls them, and the hashes.

    None without a motion file, or where it cannot be used. The hashes are of the motion file, and
    of all that it names under one name: they can be hundreds.
    """
    tables = trial_file.tables
    if tables.motion is None:
        return None, {}
    from backwalk_stats.loaders.motion.motion_file import load_motion

    try:
        plan = load_motion(trial_file.folder / tables.motion.file)
    except InputError as error:
        findings.extend(error.faults)
        return None, {}
    _check_plan(plan, tables, findings)
    _check_people(plan, allocation.arms, findings)
    names = {arm.name for arm in plan.arms}
    arms = tuple(arm for arm in study(tables).arms if arm.name in names)
    return replace(plan, arms=arms), _hashes(plan)


def _check_plan(plan: MotionPlan, tables: TrialTables, findings: Findings) -> None:
    """Tell where the motion file has other arms or visits than the trial file."""
    if tables.trial.design == "crossover":
        action = "Analyse the curves of a crossover by themselves: backwalk motion curves"
        findings.add("motion", "a parallel trial", "a crossover", action)
        return
    arms = [arm.name for arm in plan.arms]
    if arms[0] != tables.arms.reference:
        expected = f"the trial's reference there too: {tables.arms.reference}"
        findings.add(KEY, expected, f"'{arms[0]}' under [arms] of the motion file")
    for arm in arms:
        if arm not in tables.arm_names:
            findings.add(KEY, f"arms of the trial: {', '.join(tables.arm_names)}", f"'{arm}'")
    shared = [visit for visit in tables.visits.order if visit in plan.visits]
    for visit in plan.visits:
        if visit not in shared:
            expected = f"visits of the trial: {', '.join(tables.visits.order)}"
            findings.add(KEY, expected, f"'{visit}'")
    if plan.visits[0] != tables.visits.baseline:
        expected = f"the trial's baseline first in visits.order: {tables.visits.baseline}"
        findings.add(KEY, expected, f"'{plan.visits[0]}' first in the motion file")
    elif [visit for visit in plan.visits if visit in shared] != shared:
        findings.add(KEY, f"visits in the trial's order: {', '.join(shared)}", "another order")


def _check_people(plan: MotionPlan, arms: Mapping[str, str], findings: Findings) -> None:
    """Tell how many people of the motion file the trial does not know, or has in another arm."""
    if not arms:
        return  # what is wrong with the trial's data is told already
    theirs = {one.participant: one.arm for one in plan.recordings}
    theirs |= {one.participant: one.arm for one in plan.repositioning}
    strangers = sum(one not in arms for one in theirs)
    moved = sum(one in arms and arms[one] != arm for one, arm in theirs.items())
    if strangers:
        action = "Write ids as the trial's data do, leading zeros included"
        found = f"{strangers} of {len(theirs)} that the trial's data do not have"
        findings.add(KEY, "participants of the trial", found, action)
    if moved:
        action = "Write arms as the trial file names them, not as the data label them"
        found = f"{moved} of {len(theirs)} participants in another arm"
        findings.add(KEY, "each participant in the arm of the trial's data", found, action)


def _hashes(plan: MotionPlan) -> dict[str, str]:
    (name, digest), *others = plan.sources
    together = sha256("".join(sorted(one for _, one in others)).encode()).hexdigest()
    return {name: digest, f"{len(others)} files named by {name}": together}
