"""Arms dealt anew: a trial in which the arm of each person is that of another, drawn at random.

Sizes stay, and what follows the arm goes with it; what was measured stays with the person. The deal
is drawn from the seed of the trial and from the true arms themselves: whoever does not know them
cannot draw it again, and so cannot turn it back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.trial.motion_plan import MotionPlan
from backwalk_stats.trial.trial import Trial

TRIES = 200
# A deal through which more of a true difference could show is drawn again.
MOST_ALIKE = 0.5
NOT_COVARIATES = ("participant", "arm", "arm_received", "per_protocol", "sequence")
HIDDEN = "hidden (blind)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deal:
    """A trial with its arms dealt anew, and how that was done.

    Attributes
    ----------
    trial : Trial
        Everything that tells the true arms is gone from it.
    unit : str
        Who was dealt an arm: "participant", or the word for a cluster such as "therapist".
    within : tuple of str
        Covariates or clusters within which arms were dealt; empty where over everybody.
    with_arm : tuple of str
        Covariates and clusters that went with the arm, as each of their levels had one arm only.
    alike : float
        Largest share of a true difference of two arms that a difference of dealt arms can show, 0
        to 1: 1 is the true allocation or its mirror.
    left_out : tuple of str
        What one arm alone had, and is taken out: a pooled number of it would be that arm's.
    """

    trial: Trial
    unit: str
    within: tuple[str, ...]
    with_arm: tuple[str, ...]
    alike: float
    left_out: tuple[str, ...] = ()


def dealt(trial: Trial) -> Deal:
    """Return a trial with its arms dealt anew.

    People get the arm of another person of their stratum: the declared strata, else sites, and
    clusters that have people of several arms. Clusters of one arm are dealt as wholes where there
    are several in every arm. A deal that is the true allocation or its mirror, or so like them that
    more than half of a true difference would show, is drawn again; of small trials the least alike
    of many deals is taken.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    Deal

    Raises
    ------
    UsageError
        If the trial has one arm, or if no other allocation than the true one and its mirror exists.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> true = bw.load_trial(bw.example("knee"))
    >>> found = dealt(true)
    >>> found.trial.participants["arm"].value_counts().tolist(), found.alike <= 0.5
    ([30, 30], True)
    >>> bool((found.trial.participants["arm"] == true.participants["arm"]).all())
    False
    """
    if len(trial.study.arms) < 2:
        raise UsageError("a trial of one arm has no arms to deal: there is nothing to be blind to")
    rng = np.random.default_rng(_key(trial))
    known, left_out = without_what_one_arm_has(trial)
    for plan in _plans(known):
        donors, alike = _least_alike(known, plan, rng)
        if donors is not None:
            moved = with_arms_of(known, donors, plan.with_arm, whole=plan.whole)
            return Deal(
                trial=moved,
                unit=plan.unit,
                within=plan.within,
                with_arm=plan.with_arm,
                alike=alike,
                left_out=left_out,
            )
    raise UsageError(
        "the arms cannot be dealt anew: besides the true allocation and its mirror there is none "
        f"that keeps the sizes of the arms ({len(trial.participants)} participants); a blind run "
        "would show the true arms"
    )


# What one arm alone has.


def limit_of(trial: Trial) -> int:
    """Return the smallest count of people that may be shown, 0 where any may."""
    return max(trial.small_cell, 2) if trial.small_cell else 0


def of_all_arms(trial: Trial, values: pd.DataFrame) -> bool:
    """Tell whether a pooled number of some values is not, in truth, that of one arm.

    Beside the arm that has most of them, as many people must have one as a table may show; of a
    small trial a quarter of all. `values` has participant, arm and value.
    """
    there = values[values["value"].notna()]
    arms = there.groupby(there["arm"].astype("object"))["participant"].nunique()
    if not len(arms):
        return False
    others = int(arms.sum() - arms.max())
    return others >= max(1, min(max(limit_of(trial), 2), int(arms.sum()) // 4))


def without_what_one_arm_has(trial: Trial) -> tuple[Trial, tuple[str, ...]]:
    """Return a trial without values, covariates and sessions of one arm alone; and what went.

    No analysis could compare arms by them, and all dealt arms together would be that one arm.
    """
    data, parts, told = trial.data, trial.parts, list[str]()
    for (outcome, visit), rows in data.groupby(["outcome", "visit"], observed=True, sort=False):
        if rows["value"].notna().any() and not of_all_arms(trial, rows):
            data = data.assign(value=data["value"].mask(_at(data, outcome, visit)))
            parts = None if parts is None else parts[~_at(parts, outcome, visit)]
            told.append(f"{outcome} at {visit}")
    people = trial.participants
    for name in _covariates(people):
        known = people[name].notna()
        rows = people[["participant", "arm"]].assign(value=np.where(known, 1.0, np.nan))
        if known.any() and not of_all_arms(trial, rows):
            people = people.assign(**{name: people[name].where(~known)})
            told.append(f"covariate {name}")
    sessions = trial.adherence
    arm = people.set_index("participant")["arm"]
    rows = sessions.assign(arm=sessions["participant"].map(arm), value=1.0)
    if len(sessions) and not of_all_arms(trial, rows):
        sessions = sessions.iloc[:0]
        told.append("sessions")
    if not told:
        return trial, ()
    left = replace(trial, data=data, parts=parts, participants=people, adherence=sessions)
    return left, tuple(told)


def _at(frame: pd.DataFrame, outcome: object, visit: object) -> pd.Series:
    """Return which rows are of an outcome at a visit."""
    return (frame["outcome"] == outcome) & (frame["visit"].astype(str) == str(visit))


# The key of the deal: known to nobody who does not know the true arms.


def _key(trial: Trial) -> list[int]:
    """Return the entropy of the deal: seed, people, true arms and values, hashed together.

    It is written nowhere. An analysis draws from seed and name alone (`analyses.results.seed_of`).
    """
    hashed = hashlib.sha256(f"blind deal|{trial.study.id}|{trial.study.seed}".encode())
    people = trial.participants
    columns = [name for name in ("participant", "arm", "sequence") if name in people]
    for name in columns:
        hashed.update("\x1f".join(people[name].astype("object").map(str)).encode())
    hashed.update("\x1f".join(trial.data["arm"].astype("object").map(str)).encode())
    hashed.update(trial.data["value"].to_numpy(dtype=float).tobytes())
    digest = hashed.digest()
    return [int.from_bytes(digest[place : place + 4], "big") for place in range(0, 32, 4)]


# Who may be dealt the arm of whom.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """One way to deal.

    Attributes
    ----------
    blocks : tuple of int arrays
        Places of units that exchange their arms with each other.
    members : tuple of int arrays
        Places of the people of each unit.
    """

    unit: str
    within: tuple[str, ...]
    with_arm: tuple[str, ...]
    whole: bool
    blocks: tuple[np.ndarray, ...]
    members: tuple[np.ndarray, ...]


def _plans(trial: Trial) -> list[_Plan]:
    """Return the ways to deal, the one that keeps most of the design first."""
    people = trial.participants
    bound = [name for name in _covariates(people) if _tells_arm(people[name], people["arm"])]
    cluster = _cluster(trial)
    if cluster is None:
        return _of_people(trial, bound)
    word = trial.cluster_name
    arms_in = people["arm"].astype("object").groupby(cluster.to_numpy()).nunique()
    if (arms_in > 1).all():
        return _of_people(trial, bound, cluster)
    if (arms_in > 1).any():
        return _of_people(trial, bound)
    whole = _of_clusters(cluster, people, bound, word)
    return [*([] if whole is None else [whole]), *_of_people(trial, [*bound, word])]


def _of_people(trial: Trial, bound: Sequence[str], cluster: pd.Series | None = None) -> list[_Plan]:
    """Return deals of people: within strata and clusters, then over everybody."""
    people = trial.participants
    covariates = _covariates(people)
    strata = [name for name in trial.study.strata if name in covariates]
    sites = [name for name in covariates if is_site(name) and _is_label(people[name])]
    names = [name for name in (strata or sites) if name not in bound]
    levels = [people[name].astype("object").map(str) for name in names]
    names += [] if cluster is None else [trial.cluster_name]
    levels += [] if cluster is None else [cluster]
    places = np.arange(len(people))
    members = tuple(np.array([place]) for place in places)
    shared = {"unit": "participant", "with_arm": tuple(bound), "whole": False, "members": members}
    over = _Plan(within=(), blocks=(places,), **shared)  # type: ignore[arg-type]
    if not names:
        return [over]
    joined = pd.concat(levels, axis=1).astype(str).agg("\x1f".join, axis=1)
    blocks = tuple(np.asarray(own) for own in joined.groupby(joined).indices.values())
    inside = _Plan(within=tuple(names), blocks=blocks, **shared)  # type: ignore[arg-type]
    return [inside, over]


def _of_clusters(
    cluster: pd.Series, people: pd.DataFrame, bound: Sequence[str], word: str
) -> _Plan | None:
    """Return the deal of whole clusters; None where an arm has one cluster alone."""
    groups = people.groupby(cluster.to_numpy()).indices
    members = tuple(np.asarray(own) for own in groups.values())
    arms = people["arm"].astype("object").to_numpy()
    several = pd.Series([arms[own[0]] for own in members]).value_counts()
    if several.min() < 2:
        return None
    return _Plan(
        unit=word or "cluster",
        within=(),
        with_arm=tuple(bound),
        whole=True,
        blocks=(np.arange(len(members)),),
        members=members,
    )


def _covariates(people: pd.DataFrame) -> list[str]:
    return [str(name) for name in people.columns if name not in NOT_COVARIATES]


def _is_label(column: pd.Series) -> bool:
    """Return whether a column has labels, or numbers of which many people share each."""
    return 2 * column.nunique() <= column.notna().sum()


def _tells_arm(column: pd.Series, arm: pd.Series) -> bool:
    """Return whether a covariate has levels that several people share, each of one arm only."""
    known = column.notna()
    if not known.any() or not _is_label(column):
        return False
    levels = arm[known].astype("object").groupby(column[known].astype("object")).nunique()
    return bool((levels == 1).all() and len(levels) > 1)


def _cluster(trial: Trial) -> pd.Series | None:
    """Return the cluster of each participant, in the order of the participants."""
    if trial.clusters is None:
        return None
    of = dict(zip(trial.clusters["participant"], trial.clusters["cluster"], strict=True))
    return trial.participants["participant"].map(of).astype("object").map(str)


# Drawing, and how much of the truth a draw lets through.


def _least_alike(
    trial: Trial, plan: _Plan, rng: np.random.Generator
) -> tuple[np.ndarray | None, float]:
    """Return whose arm each person gets, and how alike that is; None where all are the truth.

    Of deals that are alike enough the one that best keeps the sizes of the arms is taken: whole
    clusters can be of different sizes.
    """
    best: np.ndarray | None = None
    lowest = (True, 0, 1.0)
    arms = trial.participants["arm"].astype("object").to_numpy()
    for _ in range(TRIES):
        donors = _drawn(plan, len(arms), rng)
        share = _alike(trial, donors)
        found = (share > MOST_ALIKE, _moved_sizes(arms, donors), share)
        if share < 1.0 - 1e-12 and (best is None or found < lowest):
            best, lowest = donors, found
        if best is not None and lowest[:2] == (False, 0):
            break
    return best, lowest[2]


def _moved_sizes(arms: np.ndarray, donors: np.ndarray) -> int:
    """Return how many people more or less the arms have than in truth, all arms together."""
    before, after = pd.Series(arms).value_counts(), pd.Series(arms[donors]).value_counts()
    return int(after.sub(before, fill_value=0).abs().sum())


def _drawn(plan: _Plan, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the place of the person whose arm each person gets, shape (n,)."""
    donors = np.arange(n)
    for block in plan.blocks:
        for unit, other in zip(block, rng.permutation(block), strict=True):
            if plan.whole:
                donors[plan.members[unit]] = plan.members[other][0]
            else:
                donors[plan.members[unit]] = plan.members[other]
    return donors


def _alike(trial: Trial, donors: np.ndarray) -> float:
    """Return the largest share of a true difference that a difference of dealt arms can show.

    Of each dealt arm the shares of people of each true arm are taken, in a crossover of its values;
    the largest total variation distance of two dealt arms is what could show: 0 where all dealt
    arms are mixed alike, 1 where two of them are of different true arms throughout.
    """
    true, new = _arms_by_row(trial, np.arange(len(donors))), _arms_by_row(trial, donors)
    kept = pd.notna(true) & pd.notna(new)
    shares = pd.crosstab(new[kept], true[kept], normalize="index").to_numpy(dtype=float)
    pairs = combinations(range(len(shares)), 2)
    return max((0.5 * float(np.abs(shares[a] - shares[b]).sum()) for a, b in pairs), default=1.0)


def _arms_by_row(trial: Trial, donors: np.ndarray) -> np.ndarray:
    """Return the arm of each person, or in a crossover of each person and period."""
    if trial.study.design != "crossover":
        arms: np.ndarray = trial.participants["arm"].astype("object").to_numpy()
        return arms.take(donors)
    periods = _by_visit(trial).drop(columns=trial.study.baseline, errors="ignore")
    wide: np.ndarray = periods.to_numpy()
    return wide.take(donors, axis=0).ravel()


def _by_visit(trial: Trial) -> pd.DataFrame:
    """Return the arm of each person at each visit, shape (people, visits).

    One without a row at a visit has the arm of the others of the same sequence there.
    """
    rows = trial.data.drop_duplicates(["participant", "visit"])
    wide = rows.assign(arm=rows["arm"].astype("object")).pivot(
        index="participant", columns="visit", values="arm"
    )
    wide = wide.reindex(
        index=trial.participants["participant"], columns=list(trial.study.visit_names)
    ).reset_index(drop=True)
    sequence = trial.participants["sequence"].astype("object").to_numpy()
    usual = wide.groupby(sequence).transform("first")
    return wide.where(wide.notna(), usual)


# The trial with the arms of others.


def with_arms_of(
    trial: Trial, donors: np.ndarray, with_arm: Sequence[str] = (), *, whole: bool = False
) -> Trial:
    """Return a trial in which each person has the arm of another, and all that follows it.

    Parameters
    ----------
    trial : Trial
    donors : int array, shape (people,)
        Place of the person whose arm each person gets.
    with_arm : sequence of str
        Covariates that go with the arm; the word for clusters where they do.
    whole : bool
        Whether whole clusters were dealt: the arm received is then told by whether it was the
        allocated one, as the donor stands for a cluster.

    Returns
    -------
    Trial
        Declared counts of the flow by arm, and lines of the load log that name an arm, are gone:
        they are of the true arms.
    """
    people = trial.participants
    crossover = trial.study.design == "crossover"
    moved = people.assign(arm=_taken(people["arm"], donors))
    if "arm_received" in people:
        moved["arm_received"] = _received(people, donors, whole=whole)
    for name in (*(["sequence"] if crossover else []), *with_arm):
        if name in people:
            moved[name] = _taken(people[name], donors)
    of = dict(zip(people["participant"], moved["arm"].astype("object"), strict=True))
    return replace(
        trial,
        participants=moved,
        data=_with_dealt_arms(trial, donors, of),
        flow=trial.flow[trial.flow["arm"].astype(str) == ""].reset_index(drop=True),
        load_log=without_arms(trial.load_log, trial),
        motion=None if trial.motion is None else _dealt_motion(trial.motion, of),
        clusters=_dealt_clusters(trial, donors, with_arm),
    )


def _taken(column: pd.Series, donors: np.ndarray) -> pd.Series:
    """Return the values of other people, in the column's own type."""
    return pd.Series(column.array.take(donors), index=column.index, name=column.name)


def _received(people: pd.DataFrame, donors: np.ndarray, *, whole: bool) -> pd.Series:
    """Return the arm received: the donor's; of whole clusters, by whether it was the allocated."""
    if not whole:
        return _taken(people["arm_received"], donors)
    arm, received = (people[name].astype("object") for name in ("arm", "arm_received"))
    new = arm.to_numpy()[donors]
    pairs = zip(arm, received, new, strict=True)
    told = [to if got == old else old if got == to else got for old, got, to in pairs]
    both = [*people["arm"].cat.categories, *people["arm_received"].cat.categories]
    return pd.Series(pd.Categorical(told, categories=[*dict.fromkeys(both)]), index=people.index)


def _with_dealt_arms(trial: Trial, donors: np.ndarray, of: dict[str, str]) -> pd.DataFrame:
    """Return the values with the dealt arms, in a crossover those of the donor's periods."""
    data = trial.data
    if trial.study.design != "crossover":
        arms = data["participant"].map(of)
    else:
        wide = _by_visit(trial).iloc[donors].set_axis(trial.participants["participant"], axis=0)
        found = wide.stack().to_dict()
        pairs = zip(data["participant"], data["visit"].astype(str), strict=True)
        arms = pd.Series([found.get(pair) for pair in pairs], index=data.index, dtype="object")
        if arms.isna().any():
            raise UsageError(
                "the arms cannot be dealt anew: some participants have no arm in a period, and "
                "nobody of their sequence has; write every arm of a crossover into the data"
            )
    return data.assign(arm=pd.Categorical(arms, categories=data["arm"].cat.categories))


def _dealt_clusters(
    trial: Trial, donors: np.ndarray, with_arm: Sequence[str]
) -> pd.DataFrame | None:
    """Return the clusters; those that go with the arm are the donor's."""
    if trial.clusters is None or trial.cluster_name not in with_arm:
        return trial.clusters
    of = dict(zip(trial.clusters["participant"], trial.clusters["cluster"], strict=True))
    people = trial.participants["participant"].to_numpy()
    new = {one: of[people[donor]] for one, donor in zip(people, donors, strict=True)}
    return trial.clusters.assign(cluster=trial.clusters["participant"].map(new))


def _dealt_motion(plan: MotionPlan, of: dict[str, str]) -> MotionPlan:
    """Return the recordings with the dealt arms of their people."""
    recordings = tuple(replace(one, arm=of[one.participant]) for one in plan.recordings)
    trials = tuple(replace(one, arm=of[one.participant]) for one in plan.repositioning)
    return replace(plan, recordings=recordings, repositioning=trials)


def without_arms(load_log: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """Return the load log without the lines that name an arm; one line says how many they were."""
    names = [*trial.arms, *trial.arms.values()]
    told = load_log["action"].astype(str).str.casefold()
    named = pd.Series(data=False, index=load_log.index)
    for name in filter(None, names):
        word = re.escape(name.casefold())
        named |= told.str.contains(rf"(?<!\w){word}(?!\w)", regex=True)
    named |= told.str.contains(r"\barms? (?:differ|of very)", regex=True)
    if not named.any():
        return load_log
    line = {"file": "", "column": "", "level": "note", "count": int(named.sum())}
    line["action"] = f"{HIDDEN}: lines that name an arm"
    kept = load_log[~named]
    return pd.concat([kept, pd.DataFrame([line])[list(kept.columns)]], ignore_index=True)
