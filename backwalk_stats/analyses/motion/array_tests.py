"""Whole-curve tests of arrays: curves in, where they differ out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.array_input import (
    Given,
    check_nodes,
    check_number,
    check_rows,
    curves_of,
    flags_of,
    numbers_of,
)
from backwalk_stats.analyses.motion.cluster_effects import cluster_effect
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.choices import check_choice, check_count, check_seed, check_yes_no
from backwalk_stats.motion import curve_designs as designs
from backwalk_stats.motion.curve_designs import Design, Effort, PairTest
from backwalk_stats.motion.curve_tests import CurveTest
from backwalk_stats.motion.largest_statistic import FEWEST, Search
from backwalk_stats.motion.random_field import FField, T2Field
from backwalk_stats.registry import Shown

DESIGNS = {
    "one-sample": "t of the mean against zero",
    "paired": "paired t",
    "two-sample": "two-sample t",
    "welch": "Welch's t",
    "regression": "t of the slope",
    "anova": "F of equal means",
    "hotelling-paired": "Hotelling's T2, paired",
    "hotelling-two-sample": "Hotelling's T2, two samples",
}
TWO = ("paired", "two-sample", "welch", "regression", "hotelling-paired", "hotelling-two-sample")
NO_SIDES = ("anova", "hotelling-paired", "hotelling-two-sample")
NO_COVARIATES = ("welch", "hotelling-paired", "hotelling-two-sample")
METHODS = ("permutation", "random-field", "cluster-mass")
ALTERNATIVES = ("two-sided", "greater", "less")
SHOWN_CLUSTERS = 5
CLUSTER_COLUMNS = ("start", "end", "peak", "p_value", "mass", "difference", "conf_low", "conf_high")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WholeCurveTest(Shown):
    """The answer of `curve_test`.

    Attributes
    ----------
    design, method, alternative : str
    n : tuple of int
        Curves of each group; pairs count once.
    nodes : int
    alpha : float
        Probability of any false mark on the whole curve.
    statistic : array, shape (nodes,)
        t, F or T2.
    df : float, tuple or array
        A number for t; two for F and for T2 (components first); one a node for Welch's t.
    threshold : float
        Height from which a node is marked, of |t| in a two-sided test; infinite where there are
        fewer than 1/alpha relabellings. By cluster mass the height from which nodes form runs.
    p_value : float
        Of the whole curve.
    clusters : DataFrame
        Runs from the threshold on, from left to right: `start` and `end` in nodes (start is larger
        for a run over the end of a cycle), `peak`, `p_value`, and `mass` by cluster mass, where all
        runs are listed; `difference` is the mean over the run, `conf_low` and `conf_high` the means
        of the simultaneous limits, which are limits of that mean.
    difference : array, shape (nodes,) or (nodes, components)
        Mean, difference (a - b) or slope; NaN for an F test.
    conf_low, conf_high : array, shaped as `difference`
        Limits that hold at all nodes that were tested (and components) at once: difference minus
        and plus threshold times standard error, of T2 the root of the threshold. One is infinite in
        a one-sided test. NaN for an F test, by cluster mass, and where `roi` is False.
    post_hoc : DataFrame or None
        For "anova": `pair`, `peak` (the most extreme t) and `p_value`, adjusted over pairs and
        nodes.
    relabellings : int
        That the test rests on; 0 by random fields.
    exact : bool
        Whether they are all there are.
    """

    design: str
    method: str
    alternative: str
    n: tuple[int, ...]
    nodes: int
    alpha: float
    statistic: FloatArray
    df: float | tuple[float, float] | FloatArray
    threshold: float
    p_value: float
    clusters: pd.DataFrame
    difference: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    post_hoc: pd.DataFrame | None
    relabellings: int
    exact: bool

    def __repr__(self) -> str:
        """Return the answer in words."""
        return "\n".join(self.told())

    def told(self) -> list[str]:
        """Return what was tested, its p-value, and where the curve is beyond chance, as lines."""
        sizes = " + ".join(str(one) for one in self.n)
        drawn = f"all {self.relabellings:,}" if self.exact else f"{self.relabellings:,} random"
        by = "random field theory" if not self.relabellings else f"{drawn} relabellings"
        mass = ", cluster mass" if self.method == "cluster-mass" else ""
        sides = "" if self.design in NO_SIDES else f", {self.alternative}"
        lines = [
            f"{DESIGNS[self.design]}{sides}, {sizes} curves of {self.nodes} nodes, {by}{mass}",
            f"whole curve: p = {self.p_value:.4g}; threshold {self.threshold:.4g} "
            f"(alpha {self.alpha:g})",
        ]
        rows = list(self.clusters.itertuples(index=False))
        for row in rows[:SHOWN_CLUSTERS]:
            lines.append(f"from {row.start:.1f} to {row.end:.1f}: p = {row.p_value:.4g}")
        if len(rows) > SHOWN_CLUSTERS:
            lines.append(f"and {len(rows) - SHOWN_CLUSTERS} more clusters")
        if not rows:
            lines.append("no node reaches the threshold")
        if self.post_hoc is not None:
            pairs = self.post_hoc.head(2 * SHOWN_CLUSTERS).itertuples(index=False)
            lines += [f"{row.pair}: p = {row.p_value:.4g}" for row in pairs]
        return lines


@on_one_thread
def curve_test(
    a: Given | Mapping[str, Given],
    b: Given | None = None,
    design: str = "two-sample",
    method: str = "permutation",
    alternative: str = "two-sided",
    circular: bool = False,
    covariates: Given | None = None,
    roi: Given | None = None,
    permutations: int = 10_000,
    seed: int = 0,
    *,
    cluster_threshold: float | None = None,
    alpha: float = 0.05,
) -> WholeCurveTest:
    """Return where curves differ, with one error probability for the whole curve.

    Parameters
    ----------
    a, b : arrays or data frames, shape (n, nodes)
        Curves, a row each; of vectors (n, nodes, components) for "hotelling-...". For "anova" `a`
        holds the groups, a list or a mapping of names, and there is no `b`; for "regression" `b`
        is one number a curve; for "one-sample" there is no `b`.
    design : str
        "one-sample" (mean against zero), "paired" (a - b), "two-sample" (pooled variance),
        "welch", "regression", "anova", "hotelling-paired", "hotelling-two-sample".
    method : str
        "permutation": the largest statistic of the curve against that of relabelled curves, all
        relabellings where they are no more than `permutations`. "random-field": random field
        theory, for smooth Gaussian noise; conservative between people whose curves differ by large
        offsets. "cluster-mass": the heaviest run beyond `cluster_threshold`.
    alternative : str
        "two-sided", "greater" (a above b, slope or mean above zero) or "less".
    circular : bool
        The last node repeats the first: a run over the end of the cycle is one cluster.
    covariates : array, shape (n,) or (n, k), optional
        Numbers that are held still, of a's curves, then b's; one a pair for "paired". By
        permutation after Freedman and Lane (1983). Not for "welch" and "hotelling-...".
    roi : array of bool, shape (nodes,), optional
        Nodes that are tested; chosen before the data were seen.
    permutations : int
    seed : int
        Of random relabellings.
    cluster_threshold : float, optional
        Height from which nodes form runs, for "cluster-mass"; chosen before the data were seen.
    alpha : float
        Probability of any false mark on the whole curve.

    Returns
    -------
    WholeCurveTest
        `.p_value` of the whole curve, `.clusters`, `.threshold`, `.statistic`, `.df`,
        `.difference` with simultaneous `.conf_low` and `.conf_high`, `.post_hoc`. Of m random
        relabellings b of which reach the observed, p = (b + 1) / (m + 1).

    Raises
    ------
    UsageError
        If a choice does not exist or choices do not fit together, or an input is no such array.
    NotEstimable
        If curves are too few, miss samples, or do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> import backwalk_stats as bw
    >>> rng = np.random.default_rng(1)
    >>> a, b = np.cumsum(rng.normal(size=(2, 6, 101)), axis=2) / 5
    >>> a[:, 40:60] += 8
    >>> found = bw.curve_test(a, b)
    >>> found
    two-sample t, two-sided, 6 + 6 curves of 101 nodes, all 924 relabellings
    whole curve: p = 0.002165; threshold 4.101 (alpha 0.05)
    from 39.4 to 59.5: p = 0.002165
    >>> found.clusters[["start", "end"]].round(1).values.tolist()
    [[39.4, 59.5]]
    """
    asked = _Asked(design, method, alternative, covariates is not None, cluster_threshold)
    asked.check()
    check_yes_no("circular", circular)
    check_count("permutations", permutations, least=FEWEST)
    check_seed(seed)
    check_number("alpha", alpha, above=0.0, below=0.5)
    groups, x, names = _groups(a, b, design)
    nodes = groups[0].shape[1]
    if circular and nodes < 3:
        raise UsageError(f"circular: a cycle needs at least 3 nodes; the curves have {nodes}")
    held = None
    if covariates is not None:
        count = sum(len(one) for one in groups)
        held = numbers_of(covariates, "covariates", count, several=True)
        check_rows("covariates", covariates, _given(a, b, design))
    where = None if roi is None else flags_of(roi, "roi", nodes, circular=bool(circular))
    built = _design(design, groups, x, held, where)
    search = Search(
        signed=design not in NO_SIDES,
        alternative=alternative,  # type: ignore[arg-type]  # checked above
        circular=bool(circular),
        roi=where,
    )
    effort = Effort(permutations=int(permutations), seed=int(seed))
    height = float("nan") if cluster_threshold is None else float(cluster_threshold)
    test, drawn = designs.tested(
        built, search, method=method, alpha=float(alpha), height=height, effort=effort
    )
    pairs = None
    if design == "anova" and method == "random-field" and held is None:
        pairs = designs.field_pair_tests(groups, search)
    elif design == "anova":
        pairs = designs.pair_tests(groups, held, roi=where, effort=effort)
    sizes = tuple(len(one) for one in groups)
    return _answer(asked, test, drawn, sizes, None if pairs is None else _post_hoc(pairs, names))


def _answer(
    asked: _Asked,
    test: CurveTest,
    drawn: int,
    sizes: tuple[int, ...],
    post_hoc: pd.DataFrame | None,
) -> WholeCurveTest:
    low, high = test.band()
    found = test.statistic
    return WholeCurveTest(
        design=asked.design,
        method=asked.method,
        alternative=asked.alternative,
        n=sizes,
        nodes=len(found.values),
        alpha=test.alpha,
        statistic=found.values,
        df=_df(test),
        threshold=test.threshold,
        p_value=test.p_value,
        clusters=_clusters(test, low, high),
        difference=found.estimate,
        conf_low=low,
        conf_high=high,
        post_hoc=post_hoc,
        relabellings=drawn,
        exact=test.exact,
    )


def _clusters(test: CurveTest, low: FloatArray, high: FloatArray) -> pd.DataFrame:
    """Return the runs, with the mean difference over each where there is one number a node."""
    rows = []
    for one in test.clusters:
        mean = (np.nan, np.nan, np.nan)
        if low.ndim == 1:
            found = cluster_effect(test.statistic.estimate, low, high, start=one.start, end=one.end)
            mean = (found.mean, found.mean_low, found.mean_high)
        rows.append((one.start, one.end, one.peak, one.p_value, one.mass, *mean))
    return pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))


def _df(test: CurveTest) -> float | tuple[float, float] | FloatArray:
    field = test.statistic.field
    if isinstance(field, FField):
        return field.df_num, field.df_den
    if isinstance(field, T2Field):
        return field.components, field.df
    return field.df


def _post_hoc(pairs: Sequence[PairTest], names: Sequence[str]) -> pd.DataFrame:
    rows = [(f"{names[one.first]}-{names[one.second]}", one.peak, one.p_value) for one in pairs]
    return pd.DataFrame(rows, columns=["pair", "peak", "p_value"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was chosen, and whether the choices fit together."""

    design: str
    method: str
    alternative: str
    covariates: bool
    cluster_threshold: float | None

    def check(self) -> None:
        """Refuse a choice that does not exist, and choices that make no sense together."""
        check_choice("design", self.design, tuple(DESIGNS))
        check_choice("method", self.method, METHODS)
        check_choice("alternative", self.alternative, ALTERNATIVES)
        if self.design in NO_SIDES and self.alternative != "two-sided":
            raise UsageError(
                f"alternative {self.alternative!r} with design {self.design!r}: F and T2 are never "
                "negative and have no direction; leave alternative out"
            )
        if self.design == "welch" and self.method == "random-field":
            raise UsageError(
                "Welch's degrees of freedom differ from node to node, and random field theory "
                "needs one number for the curve; use method='permutation'"
            )
        if self.covariates and self.design in NO_COVARIATES:
            raise UsageError(
                f"design {self.design!r} takes no covariates; those that do: "
                f"{', '.join(one for one in DESIGNS if one not in NO_COVARIATES)}"
            )
        if self.method == "cluster-mass":
            if self.cluster_threshold is None:
                raise UsageError(
                    "method 'cluster-mass' needs cluster_threshold, the height from which nodes "
                    "form runs, chosen before the data were seen; such as the quantile of t at one "
                    "node"
                )
            check_number("cluster_threshold", self.cluster_threshold, above=0.0, below=np.inf)
        elif self.cluster_threshold is not None:
            raise UsageError(
                f"cluster_threshold belongs to method 'cluster-mass'; method is {self.method!r}"
            )


def _groups(
    a: object, b: object, design: str
) -> tuple[list[FloatArray], FloatArray | None, Sequence[str]]:
    """Return the curves of each group, the numbers of a regression, and names of groups."""
    if design in TWO and b is None:
        what = "one number a curve" if design == "regression" else "the other curves"
        raise UsageError(f"design {design!r} needs b: {what}")
    if design not in TWO and b is not None:
        raise UsageError(f"design {design!r} takes no b")
    if design == "anova":
        return _several(a)
    ndim = 3 if design.startswith("hotelling") else 2
    first = curves_of(a, "a", ndim=ndim, least=2)
    if design == "one-sample":
        return [first], None, ()
    if design == "regression":
        check_rows("b", b, [("a", a)])
        return [first], numbers_of(b, "b", len(first), several=False)[:, 0], ()
    second = curves_of(b, "b", ndim=ndim, like=first, least=2)
    check_nodes("b", b, ("a", a))
    if design in ("paired", "hotelling-paired"):
        if len(first) != len(second):
            raise UsageError(
                f"design {design!r} pairs row with row, and a has {len(first)} curves, b "
                f"{len(second)}"
            )
        check_rows("b", b, [("a", a)])
        gap = first - second
        if ndim == 2 and len(gap) > 1:  # what rounding leaves of equal differences is no variation
            _require_spread(gap, np.abs(first) + np.abs(second))
        return [gap], None, ()
    return [first, second], None, ()


def _given(a: object, b: object, design: str) -> list[tuple[str, object]]:
    """Return what covariates have a row for, one below the other."""
    if design == "anova":
        groups = list(a.values()) if isinstance(a, Mapping) else list(a)  # type: ignore[call-overload]
        return [("the groups", one) for one in groups]
    return [("a", a), ("b", b)] if design == "two-sample" else [("a", a)]


def _require_spread(gap: FloatArray, size: FloatArray) -> None:
    flat = np.ptp(gap, axis=0) <= 4 * np.finfo(float).eps * size.max(axis=0)
    gap[:, flat] = gap[0, flat]


def _several(a: object) -> tuple[list[FloatArray], None, Sequence[str]]:
    """Return the curves of each group of an "anova"."""
    names: Sequence[str] = ()
    if isinstance(a, Mapping):
        names, a = [str(one) for one in a], list(a.values())
    if not isinstance(a, list | tuple) or len(a) < 2:
        raise UsageError(
            "design 'anova' takes a list of at least two groups, each an array of curves "
            "(n, nodes), as a"
        )
    if not names:
        letters = len(a) <= len(ascii_lowercase)
        names = list(ascii_lowercase[: len(a)]) if letters else [str(k + 1) for k in range(len(a))]
    found: list[FloatArray] = []
    for name, one in zip(names, a, strict=True):
        check_nodes(f"group {name} of a", one, (f"group {names[0]}", a[0]))
        like = found[0] if found else None
        found.append(curves_of(one, f"group {name} of a", ndim=2, like=like))
    return found, None, names


def _design(
    name: str,
    groups: list[FloatArray],
    x: FloatArray | None,
    held: FloatArray | None,
    roi: np.ndarray | None,
) -> Design:
    """Return the design of a name from its curves."""
    if name in ("one-sample", "paired"):
        return designs.mean_design(groups[0], held, roi=roi)
    if name == "two-sample":
        return designs.difference_design(groups[0], groups[1], held, roi=roi)
    if name == "welch":
        return designs.welch_design(groups[0], groups[1], roi=roi)
    if name == "regression":
        assert x is not None
        return designs.slope_design(groups[0], x, held, roi=roi)
    if name == "anova":
        return designs.groups_design(groups, held, roi=roi)
    if name == "hotelling-paired":
        return designs.vector_mean_design(groups[0], roi=roi)
    return designs.vector_difference_design(groups[0], groups[1], roi=roi)
