"""The door to power: from a trial file to simulated trials, block by block, and their sums."""

from __future__ import annotations

import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.engine.simulation.operating_characteristics import (
    Row,
    error_rows,
    power_rows,
    smallest,
)
from backwalk_stats.errors import NotEstimable, UsageError, nearest
from backwalk_stats.loaders.planned import load_plan
from backwalk_stats.models.arms.sample_size import sample_size
from backwalk_stats.models.fit.choices import check_count
from backwalk_stats.plan.blocks import (
    Block,
    Store,
    Sums,
    blocks_of,
    computed,
    in_order,
    merged,
    truth_of,
)
from backwalk_stats.plan.executors import each
from backwalk_stats.plan.power_report import Power
from backwalk_stats.plan.scenarios import (
    ALTERNATIVE,
    BOUNDARY,
    Cell,
    cells,
    design_of,
    family_is_whole,
    place_of,
    refusal,
)
from backwalk_stats.progress import Tell, telling
from backwalk_stats.trial.estimand import Estimand, ids_of
from backwalk_stats.trial.plan import Plan, Scenario, SimulatedPower
from backwalk_stats.trial.tables import (
    CLOSED_FORMS,
    NEEDED,
    POWER_FITS,
    POWER_MISSING,
    POWER_RESULTS,
)

_OF_POWER = ("per_arm", "power", "conf_low", "conf_high", "replicates")
ROUNDED = "scores are rounded: they are not normal, as the formula has them"


def power(
    path: Path | str | Plan,
    *,
    replicates: int | None = None,
    scenarios: Sequence[str] | str | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    store: Path | str | None = None,
    progress: Tell | None = None,
) -> Power:
    """Return the power of the very analyses that a trial file plans, by simulation.

    Each scenario's trials are drawn and analysed as the trial will be: model, degrees of freedom,
    fallback, covariates and adjustment of p-values. A trial whose fit does not converge counts as
    not significant. The same plan gives the same numbers for any executor and number of workers.

    Parameters
    ----------
    path : Path, str or Plan
        The trial file; no data need exist. Or what `bw.load_plan` returns.
    replicates : int, optional
        Trials of each scenario, size and hypothesis; else `plan.replicates`, else 10,000.
    scenarios : str or sequence of str, optional
        Names; else all.
    executor : concurrent.futures.Executor, optional
        Where trials are simulated, such as `dask.distributed.Client(...).get_executor(pure=False,
        retries=3)`; it is not shut down. `workers` then says how many it has.
    workers : int
        1 stays in this process; more are processes of this machine, and a script needs its
        `if __name__ == "__main__":` around the call.
    store : Path or str, optional
        Folder of finished blocks: those that are there are not computed again, so that a run that
        was stopped goes on, and a larger one adds to it. Else nothing is kept.
    progress : callable, optional
        Called with blocks done, blocks in all, and what is known so far; by default a bar on a
        terminal and in a notebook.

    Returns
    -------
    Power
        `.results` and `.needed` are frames, `.report(path)` writes the report.

    Raises
    ------
    InputError
        If the plan cannot be; it lists every fault with key and line.
    UsageError
        If there is no such scenario, none at all, or no estimand of one can be simulated.

    References
    ----------
    Morris, White and Crowther, Stat Med 2019;38:2074 (what to report of simulations).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> text = '''
    ... [trial]
    ... id = "small"
    ... title = "A small trial"
    ... [arms]
    ... reference = "forward"
    ... labels = { BW = "backward", FW = "forward" }
    ... [visits]
    ... baseline = "W0"
    ... order = ["W0", "W6"]
    ... [[data]]
    ... file = "not_yet.csv"
    ... participant = "id"
    ... arm = "group"
    ... [[outcome]]
    ... name = "pain"
    ... instrument = "nprs"
    ... columns = { W0 = "pain_w0", W6 = "pain_w6" }
    ... [[estimand]]
    ... outcome = "pain"
    ... analysis = "ancova"
    ... [[plan.scenario]]
    ... name = "expected"
    ... per_arm = [20, 40]
    ... means = { forward = [6, 5], backward = [6, 4] }
    ... sd = [1.8, 2.1]
    ... correlation = 0.6
    ... round = true
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "trial.toml").write_text(text)
    ...     found = power(folder, replicates=250)
    >>> found
    <Power of small: scenarios expected; 250 replicates; 14 results>
    """
    check_count("workers", workers, least=1)
    plan = _asked(path if isinstance(path, Plan) else load_plan(path), replicates, scenarios)
    whole = [cell for one in plan.scenarios for cell in cells(plan, one)]
    lists = [blocks_of(plan, cell, plan.replicates) for cell in whole]
    held = Store(None if store is None else Path(store))
    with telling(progress) as tell:
        notes = _compute(lists, held, tell, workers=workers, executor=executor)
    sums = [merged(blocks, held) for blocks in lists]
    return _told(plan, list(zip(whole, sums, strict=True)), notes)


def _asked(plan: Plan, replicates: int | None, scenarios: Sequence[str] | str | None) -> Plan:
    """Return the plan with the scenarios and replicates that are asked for."""
    there = [one.name for one in plan.scenarios]
    if not there:
        raise UsageError(
            f"{plan.file}: no [[plan.scenario]] says what is assumed of the scores; nothing is "
            "assumed in its place (docs/trial_file.md lists its keys)"
        )
    wanted = there if scenarios is None else scenarios
    wanted = [wanted] if isinstance(wanted, str) else list(wanted)
    if not wanted:
        raise UsageError(f"scenarios is empty; there are: {', '.join(there)}")
    for name in wanted:
        if name not in there:
            raise UsageError(
                f"no scenario named '{name}'; there are: {', '.join(there)}. "
                f"{nearest(str(name), there)}".rstrip(". ")
            )
    if replicates is not None:
        check_count("replicates", replicates, least=2)
    return replace(
        plan,
        scenarios=tuple(one for one in plan.scenarios if one.name in wanted),
        replicates=plan.replicates if replicates is None else int(replicates),
    )


def _compute(
    lists: Sequence[Sequence[Block]],
    held: Store,
    tell: Tell,
    *,
    workers: int,
    executor: Executor | None,
) -> tuple[str, ...]:
    """Compute the blocks that are not there, and keep each as soon as it is done."""
    every = list(in_order(lists))
    total = len(every)
    left = held.missing(every)
    notes = []
    if held.folder is not None and len(left) < total:
        notes.append(f"{total - len(left)} of {total} blocks were there already")
    if held.damaged:
        named = ", ".join(held.damaged[:3]) + " ..." * (len(held.damaged) > 3)
        notes.append(f"blocks that were not whole, computed again: {len(held.damaged)} ({named})")
    many = workers
    if executor is not None and workers == 1:
        many = getattr(executor, "_max_workers", None) or os.cpu_count() or 1
    # A block that is of two scenarios alike is computed once.
    times = Counter(block.name for block in left)
    jobs = list({block.name: block for block in left}.values())
    shares: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for block in {one.name: one for one in every if one.name in held.held}.values():
        shares[block.key].update(_first(block, held))
    done = total - len(left)
    tell(done, total, "simulating trials")

    def there(block: Block) -> bool:
        return held.find(block) is not None  # another client may have been faster

    doing = each(computed, jobs, workers=many, executor=executor, skip=there)
    with closing(doing):
        for one in doing:
            if one.found is not None:
                held.put(one.job, one.found)
            done += times[one.job.name]
            shares[one.job.key].update(_first(one.job, held))
            tell(done, total, so_far(one.job.cell, shares[one.job.key]))
    return tuple(notes)


def _first(block: Block, held: Store) -> dict[str, int]:
    """Return how many trials of a block there are, and how many reject their first estimand."""
    sums = held.held[block.name]["estimands"][block.cell.estimands[0].id]
    return {"n": sums["n"], "rejected": sums["rejected"]}


def so_far(cell: Cell, counts: Counter[str]) -> str:
    """Return where the work is: scenario, size, and the share rejected of its first estimand."""
    first, n = cell.estimands[0].id, counts["n"]
    share = counts["rejected"] / n
    reach = 1.96 * np.sqrt(max(share * (1.0 - share), 0.25 / n) / n)
    what = "power" if cell.hypothesis == ALTERNATIVE else "error"
    return (
        f"{cell.scenario.name}, {cell.per_arm} an arm, {first}: {what} "
        f"{100 * share:.0f} % ± {100 * reach:.0f}"
    )


# From sums to what is told.


def _told(plan: Plan, cells_found: list[tuple[Cell, Sums]], notes: tuple[str, ...]) -> Power:
    results = _results_frame(list(_result_rows(plan, cells_found)))
    closed = pd.DataFrame(
        [row for cell, _ in cells_found if cell.hypothesis == ALTERNATIVE
         for row in closed_forms(plan, cell)],
        columns=list(CLOSED_FORMS),
    )  # fmt: skip
    found = SimulatedPower(
        plan=plan,
        results=results,
        needed=_needed(results, plan.targets),
        missing=_missing(plan, cells_found),
        fits=_fits(cells_found),
        closed_forms=closed,
        truths=_truths(plan, cells_found),
        notes=notes,
    )
    return Power(found=found)


def _result_rows(plan: Plan, found: list[tuple[Cell, Sums]]) -> Iterator[Row]:
    """Yield the rows of results: by scenario, size, estimand in the plan's order, quantity."""
    for scenario in plan.scenarios:
        for size in scenario.per_arm:
            own = [
                (cell, sums)
                for cell, sums in found
                if cell.scenario == scenario and cell.per_arm == size
            ]
            for one in plan.estimands:
                about = {"scenario": scenario.name, "per_arm": size, "estimand": one.id}
                about["analysis"] = one.analysis
                for row in _estimand_rows(plan, scenario, one, own):
                    yield {**about, **row}


def _estimand_rows(
    plan: Plan, scenario: Scenario, one: Estimand, own: list[tuple[Cell, Sums]]
) -> Iterator[Row]:
    reason = refusal(plan, scenario, one)
    if reason:
        yield _not_simulated(one.analysis, reason)
        return
    for cell, sums in own:
        asked = sums["estimands"].get(one.id)
        if asked is None:
            continue
        how = _adjusted(plan, cell, one)
        if cell.hypothesis == ALTERNATIVE:
            rows = list(power_rows(asked, adjusted=how))
            note = _unadjusted(plan, cell, one)
            rows[0]["note"] = "; ".join(filter(None, (str(rows[0]["note"]), note, _margin(one))))
            yield from rows
        else:
            note = _margin(one) if cell.hypothesis == BOUNDARY else ""
            yield from error_rows(asked, adjusted=how, note=note)


def _margin(one: Estimand) -> str:
    return f"{one.framework}, margin {one.margin:g}" if one.margin is not None else ""


def _adjusted(plan: Plan, cell: Cell, one: Estimand) -> str:
    """Return how a p-value is adjusted in these trials; "" where it is not."""
    method, order = plan.multiplicity
    if one.id not in ids_of(order) or not family_is_whole(plan, cell):
        return ""
    return f"{method} over {', '.join(order)}"


def _unadjusted(plan: Plan, cell: Cell, one: Estimand) -> str:
    """Return that the power with adjusted p-values cannot be told, and why."""
    method, order = plan.multiplicity
    named = ids_of(order)
    if method == "none" or one.id not in named or family_is_whole(plan, cell):
        return ""
    away = [name for name in named if name not in {own.id for own in cell.estimands}]
    return f"unadjusted; with {method} not derivable, as {', '.join(away)} was not simulated"


def _missing(plan: Plan, found: list[tuple[Cell, Sums]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "scenario": cell.scenario.name,
            "per_arm": cell.per_arm,
            "arm": arm,
            "visit": visit,
            "declared": cell.scenario.dropout[arm][place],
            "simulated": sums["missing"][arm][place] / (cell.per_arm * plan.replicates),
        }
        for cell, sums in found
        if cell.hypothesis == ALTERNATIVE
        for arm in plan.study.arm_names
        for place, visit in enumerate(cell.scenario.visits)
    ]
    return pd.DataFrame(rows, columns=list(POWER_MISSING))


def _fits(found: list[tuple[Cell, Sums]]) -> pd.DataFrame:
    rows = [
        (cell.scenario.name, cell.per_arm, cell.hypothesis, name, kind, what, count)
        for cell, sums in found
        for name, own in sums["estimands"].items()
        for kind, key in (("covariance", "fitted"), ("no answer", "reasons"))
        for what, count in own[key].items()
    ]
    return pd.DataFrame(rows, columns=list(POWER_FITS))


def _truths(plan: Plan, found: list[tuple[Cell, Sums]]) -> pd.DataFrame:
    rows = {
        (cell.scenario.name, one.id): truth_of(plan, cell, design_of(plan, cell), one)
        for cell, _ in found
        if cell.hypothesis == ALTERNATIVE
        for one in cell.estimands
    }
    told = [(scenario, name, value) for (scenario, name), value in rows.items()]
    return pd.DataFrame(told, columns=["scenario", "estimand", "difference"])


def _not_simulated(analysis: str, reason: str) -> Row:
    """Return the row of an estimand that was not simulated, with the reason."""
    nothing = dict.fromkeys(("value", "mc_se", "conf_low", "conf_high"), math.nan)
    note = f"not simulated: {reason}"
    return {"analysis": analysis, "quantity": "power", **nothing, "replicates": 0, "note": note}


def _results_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows with the columns of `tables.POWER_RESULTS`."""
    frame = pd.DataFrame(rows, columns=list(POWER_RESULTS))
    whole = dict.fromkeys(("per_arm", "replicates"), "int64")
    numbers = dict.fromkeys(("value", "mc_se", "conf_low", "conf_high"), "float64")
    texts = ("scenario", "estimand", "analysis", "quantity", "note")
    return frame.astype({**whole, **numbers, **dict.fromkeys(texts, "str")})


def _needed(results: pd.DataFrame, targets: Sequence[float]) -> pd.DataFrame:
    """Return the smallest size of an arm that reaches each power (`tables.NEEDED`).

    Of each scenario and estimand, as `operating_characteristics.smallest` finds it.
    """
    rows = []
    power = results[(results["quantity"] == "power") & results["value"].notna()]
    for (scenario, estimand), own in power.groupby(["scenario", "estimand"], sort=False):
        ordered = own.sort_values("per_arm").rename(columns={"value": "power"})
        columns = {name: ordered[name].to_numpy(dtype=float) for name in _OF_POWER}
        for target in targets:
            about = {"scenario": scenario, "estimand": estimand, "target_power": target}
            rows.append({**about, **smallest(**columns, target=target)})
    frame = pd.DataFrame(rows, columns=list(NEEDED))
    numbers = dict.fromkeys(("target_power", "per_arm", "conf_low", "conf_high"), "float64")
    return frame.astype({**numbers, "scenario": "str", "estimand": "str", "note": "str"})


# The closed form beside the simulation, where there is one.


def closed_forms(plan: Plan, cell: Cell) -> Iterator[dict[str, Any]]:
    """Yield the power by `bw.sample_size` of each estimand that has a formula."""
    scenario = cell.scenario
    for one in cell.estimands:
        made = _formula(plan, cell, one)
        if made is None:
            continue
        model, numbers, note = made
        try:
            found = sample_size(model, per_arm=cell.per_arm, alpha=plan.alpha, **numbers).iloc[0]
        except (UsageError, NotEstimable):
            continue  # too few people for the formula: then there is none
        yield {
            "scenario": scenario.name,
            "per_arm": cell.per_arm,
            "estimand": one.id,
            "power": float(found["power"]),
            "formula": str(found["formula"]),
            "note": "; ".join(filter(None, (note, ROUNDED if scenario.rounded else ""))),
        }


def _formula(plan: Plan, cell: Cell, one: Estimand) -> tuple[str, dict[str, Any], str] | None:
    """Return the model of `sample_size`, its numbers and what it leaves out; None without one."""
    scenario = cell.scenario
    place, last = place_of(scenario, one), len(scenario.visits) - 1
    if (
        one.other_covariates
        or one.margin is not None
        or scenario.clusters is not None
        or plan.multiplicity[0] != "none"
    ):
        return None
    if "baseline" not in one.covariates and one.analysis != "change-score":
        return None
    difference = truth_of(plan, cell, design_of(plan, cell), one)
    sd, r = scenario.sd, scenario.correlation[0][place]
    shares = [scenario.dropout[arm] for arm in one.contrast]
    at = [share[place] for share in shares]
    stay = {"dropout": max(at)} if any(at) else {}
    notes = ["leaving taken as completely at random"] * (scenario.mar is not None and any(at))
    two = len(plan.study.arms) == 2
    if one.analysis == "mmrm" and two and place == last > 1 and one.covariance == "us":
        numbers = {"difference": difference, "sd": list(sd)}
        numbers |= {"correlation": [list(row) for row in scenario.correlation]}
        numbers |= {"dropout_arm": list(shares[0]), "dropout_reference": list(shares[1])}
        return "mmrm", numbers, "; ".join(notes)
    notes += [f"the larger drop-out, {max(at):g}, in both arms"] * (at[0] != at[1])
    if one.analysis == "ancova" and two:
        numbers = {"difference": difference, "sd": sd[place], "correlation": r, **stay}
        return "ancova", numbers, "; ".join(notes)
    if one.analysis == "change-score":
        change = float(np.sqrt(sd[0] ** 2 + sd[place] ** 2 - 2.0 * r * sd[0] * sd[place]))
        return "two-sample", {"difference": difference, "sd": change, **stay}, "; ".join(notes)
    return None
