"""Repeated answers, counts or scores by formula: generalised estimating equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from backwalk_stats.engine.discrete import estimating_equations as equations
from backwalk_stats.engine.discrete.risks import recedes
from backwalk_stats.engine.linear.heteroskedastic import ResidualDf
from backwalk_stats.engine.mixed.contrasts import Inference, JointTest
from backwalk_stats.engine.numbers import Estimate, FloatArray, chi_square_p
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns import participants
from backwalk_stats.models.columns.numbers import listed
from backwalk_stats.models.columns.trial_columns import (
    SettledRows,
    TrialColumns,
    require_named,
    settled_formula,
)
from backwalk_stats.models.fit import contrasts as model_contrasts
from backwalk_stats.models.fit.choices import check_choice
from backwalk_stats.models.fit.prediction import PREDICTED, design_rows, with_offset
from backwalk_stats.models.fit.statsmodels_names import Tidy
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.formula.design import Design, design_of
from backwalk_stats.models.formula.formula import Formula, parse_formula
from backwalk_stats.models.formula.rows import (
    coding_notes,
    orthonormal,
    outcome_of,
    refuse_empty_cells,
    refuse_single_levels,
)
from backwalk_stats.registry import Shown

DF = ("participants", "normal")
SCALES = ("link", "response")
READ_AS = {"gaussian": "numbers", "binomial": "answers", "poisson": "counts"}
LINKS = {"gaussian": "identity", "binomial": "logit", "poisson": "log"}
MANY_VISITS = 60
FEW = 40  # participants, below which uncorrected errors are too small
NO_LIKELIHOOD = "estimating equations have no likelihood: there is neither llf nor aic nor bic"


def gee(
    formula: str,
    data: pd.DataFrame,
    participant: str,
    *,
    family: str,
    correlation: str = "exchangeable",
    visit: str | None = None,
    vcov: str = "kauermann-carroll",
    df: str = "participants",
    working: str = "moments",
) -> GeeModel:
    """Fit a marginal model of repeated answers, counts or scores by estimating equations.

    Coefficients are those of the population, not of a participant: log odds ratios for "binomial",
    log rate ratios for "poisson". They hold where values are missing completely at random; `mmrm`
    asks less of what is missing.

    Parameters
    ----------
    formula : str
        For instance "responder ~ arm * visit + base_pain"; with offset(log(months)) for rates.
    data : DataFrame
        One row for each participant and visit. Rows that miss a value are left out and counted.
    participant : str
        Column of ids.
    family : str
        "gaussian" (identity), "binomial" (logit; true and false, or 1 and 0) or "poisson" (log;
        counts).
    correlation : str
        Working correlation of a participant's rows: "independence", "exchangeable" or "ar1"
        (alpha^k for visits k apart).
    visit : str, optional
        Column that orders a participant's rows, for "ar1". Without it the one column of the formula
        that tells the rows of everyone apart and has no more values than somebody has rows; the
        notes say which.
    vcov : str
        "kauermann-carroll" (the default: with t it keeps 5 % in 13 an arm and gives away least),
        "mancl-derouen" (the most cautious: half of 5 % there), or "robust", the sandwich without
        correction (docs/methods/discrete.md has the error rates).
    df : str
        "participants": participants minus coefficients, for t and F. "normal": infinite, as R's
        geepack and SAS.
    working : str
        How scale and correlation are estimated: "moments" (Liang and Zeger; SAS GENMOD, R's gee) or
        "geepack".

    Returns
    -------
    GeeModel
        With coefficients(), contrasts(), marginal_means(), anova(), summary(), stats.

    Raises
    ------
    UsageError
        If a choice or column does not exist, a participant has two rows at a visit, columns are
        collinear, or "ar1" has no order of the rows.
    NotEstimable
        If there are no more participants than coefficients, answers are separated, or the equations
        have no solution.

    References
    ----------
    Liang and Zeger, Biometrika 1986;73:13. Mancl and DeRouen, Biometrics 2001;57:126. Kauermann and
    Carroll, J Am Stat Assoc 2001;96:1387. Yan and Fine, Stat Med 2004;23:859 (geepack).

    Examples
    --------
    >>> frame = pd.DataFrame({"id": [f"P{i}" for i in range(12) for _ in range(2)],
    ...     "arm": ["forward"] * 12 + ["backward"] * 12, "week": [4, 8] * 12,
    ...     "able": [0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0]})
    >>> frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    >>> fit = gee("able ~ arm + week", frame, participant="id", family="binomial")
    >>> fit.coefficients().round(3)[["term", "estimate", "std_error", "df"]]
              term  estimate  std_error   df
    0  (Intercept)    -1.836      1.403  9.0
    1  armbackward     1.437      1.104  9.0
    2         week     0.191      0.195  9.0
    """
    parsed = parse_formula(formula)
    if parsed.random:
        raise UsageError("gee has no random effects: leave out ( | ); participant= says whose rows")
    choices = GeeChoices(family=family, correlation=correlation, vcov=vcov, df=df, working=working)
    roles = TrialColumns(
        outcome=parsed.response.column,
        participant=participant,
        visit=visit,
        outcome_as=READ_AS[family],
    )
    require_named(roles, "participant")
    settled, roles, noted = _settled(data, parsed, roles, ordered=correlation == "ar1")
    return _fitted(parsed, settled, roles, choices, noted)


@dataclass(frozen=True, kw_only=True, slots=True)
class GeeChoices:
    """What a fit by estimating equations was asked, as in `gee`; refuses what there is not."""

    family: str
    correlation: str
    vcov: str
    df: str
    working: str

    def __post_init__(self) -> None:
        """Refuse a choice that does not exist."""
        check_choice("family", self.family, equations.FAMILIES)
        check_choice("correlation", self.correlation, equations.CORRELATIONS)
        check_choice("vcov", self.vcov, equations.VCOV)
        check_choice("df", self.df, DF)
        check_choice("working", self.working, equations.WORKING)

    def notes(self, n: int, freedom: float) -> tuple[str, ...]:
        """Return what was decided of the working correlation and the errors.

        `n`: participants. `freedom`: df.
        """
        by = "" if self.correlation == "independence" else f" by {self.working}"
        t = f"t with {freedom:g} df (participants less coefficients)"
        t = "normal quantiles" if np.isinf(freedom) else t
        told = f"working correlation {self.correlation}{by}; {self.vcov} errors, {t}"
        if n >= FEW or self.vcov != "robust":
            return (told,)
        few = f"{n} participants: robust errors are too small below about {FEW}; take "
        return (told, few + "kauermann-carroll or mancl-derouen")


def _settled(
    data: object, formula: Formula, roles: TrialColumns, *, ordered: bool
) -> tuple[SettledRows, TrialColumns, tuple[str, ...]]:
    """Return the rows, the roles with what orders the rows, and a note on where it comes from."""
    if formula.response.function and roles.outcome_as != "numbers":
        raise UsageError(f"{formula.response.name}: a function of answers or counts is neither")
    what = "correlation ar1" if ordered else ""
    settled = settled_formula(data, formula, roles, ordered=what if roles.visit else "")
    if not ordered or roles.visit:
        return settled, roles, ()
    people = settled.people.codes if settled.people else np.empty(0, dtype=int)
    most = int(np.bincount(people).max())
    fits = []
    for name in dict.fromkeys(formula.columns):
        codes = participants.codes_of(settled.frame[name])
        keys = people.astype(np.int64) * (int(codes.max()) + 1) + codes
        apart = len(np.unique(keys)) == len(keys) and len(np.unique(codes)) == most
        if apart and name not in (roles.outcome, roles.participant):
            fits.append(name)
    if len(fits) != 1 or most < 2:
        raise UsageError(
            "correlation ar1 needs the order of each participant's rows, and the formula has "
            f"{', '.join(fits) or 'no column'} that could tell it; give visit="
        )
    roles = replace(roles, visit=fits[0])
    note = f"correlation ar1: rows in the order of {fits[0]}, which alone tells them apart"
    return settled_formula(data, formula, roles, ordered=what), roles, (note,)


def _fitted(
    formula: Formula,
    settled: SettledRows,
    roles: TrialColumns,
    choices: GeeChoices,
    noted: tuple[str, ...],
) -> GeeModel:
    """Return the fit of settled rows."""
    frame, people = settled.frame, settled.people
    if people is None:
        raise UsageError("gee needs the participant of each row")
    told = [*settled.notes, *noted, *_unseen(settled, roles, choices.correlation)]
    if roles.visit is None and choices.family == "gaussian":  # the same answer twice is no copy
        told += participants.refuse_copies(frame, str(roles.participant), str(roles.outcome))
    design, y, x, offset = _arrays(formula, frame)
    told += participants.reused_ids(
        design.factors, people.codes, participant=str(roles.participant), visit=roles.visit
    )
    told += coding_notes(formula, design, dropped=settled.dropped)
    n = len(people.ids)
    freedom = float(n - x.shape[1])
    if freedom <= 0.0:
        raise NotEstimable(
            f"{n} participants and {x.shape[1]} coefficients: robust errors need more participants "
            "than coefficients"
        )
    freedom = freedom if choices.df == "participants" else np.inf
    rows = _Rows(x=x, y=y, offset=offset, people=people.codes, place=_places(settled, roles))
    found, covariance, beta = _solved(rows, design.names, choices)
    return GeeModel(
        formula=formula,
        design=design,
        inference=Inference(ResidualDf(covariance, freedom), beta, np.eye(len(beta))),
        stats=_summary(choices, found, (len(y), n, settled.dropped),
                       (*told, *choices.notes(n, freedom))),
        roles=roles,
        frame=frame,
        x=x,
        y=y,
        offset=offset if design.offsets else None,
    )  # fmt: skip


class _Rows(NamedTuple):
    """Rows of a fit: x (N, p), y and offset (N,), people and place (N,) codes."""

    x: FloatArray
    y: FloatArray
    offset: FloatArray
    people: np.ndarray
    place: np.ndarray


def _solved(
    rows: _Rows, names: Sequence[str], choices: GeeChoices
) -> tuple[equations.Solution, FloatArray, FloatArray]:
    """Return the solution in an orthonormal basis, and covariance and coefficients in the own."""
    q, r = orthonormal(rows.x, names)
    _refuse_separation(q, rows.y, choices.family)
    root = np.sqrt(len(rows.y))
    table = equations.clusters(
        x=q * root, y=rows.y, offset=rows.offset, people=rows.people, place=rows.place
    )
    family, correlation = choices.family, choices.correlation
    found = equations.solve(table, family=family, correlation=correlation, working=choices.working)
    if not found.converged:
        raise NotEstimable(
            "the estimating equations have no solution in reach; take correlation='independence', "
            "or fewer terms"
        )
    inner = equations.covariance(
        table, found, family=family, correlation=correlation, kind=choices.vcov
    )
    turned = np.linalg.solve(r, np.eye(len(r))) * root
    return found, turned @ inner @ turned.T, turned @ found.beta


def _summary(
    choices: GeeChoices,
    found: equations.Solution,
    counts: tuple[int, int, int],
    notes: tuple[str, ...],
) -> GeeSummary:
    """Return the fit in one row; `counts`: rows, participants, rows left out."""
    return GeeSummary(
        n_obs=counts[0],
        n_participants=counts[1],
        n_dropped=counts[2],
        family=choices.family,
        link=LINKS[choices.family],
        correlation=choices.correlation,
        working=choices.working,
        alpha=found.alpha,
        scale=found.scale,
        vcov=choices.vcov,
        df=choices.df,
        iterations=found.iterations,
        converged=found.converged,
        notes=notes,
    )


def _arrays(
    formula: Formula, frame: pd.DataFrame
) -> tuple[Design, FloatArray, FloatArray, FloatArray]:
    """Return the coding, the outcome, the design and the offset of complete rows."""
    y = outcome_of(formula, frame)
    design = design_of(formula, frame)
    refuse_single_levels(design.factors)
    refuse_empty_cells(design, formula)
    offset = design.own_offset()
    return design, y, design.own(len(y)), np.zeros(len(y)) if offset is None else offset


def _refuse_separation(x: FloatArray, y: FloatArray, family: str) -> None:
    """Refuse answers or counts of which the coefficients would grow without end."""
    if family == "gaussian":
        return
    if family == "binomial":
        separated = recedes(np.where(y > 0.0, 1.0, -1.0)[:, None] * x)
    else:
        separated = recedes(-x[y == 0.0], still=x[y > 0.0])
    if separated:
        raise NotEstimable(
            "separated: a term tells apart those with the outcome and those without, so that its "
            "coefficient has no finite value; leave the term out, join its levels, or compare one "
            "visit (adjusted_risk, rate_ratio)"
        )


def _places(settled: SettledRows, roles: TrialColumns) -> np.ndarray:
    """Return the place of each row among the visits, or within its participant, from 0."""
    if roles.visit is None:
        people = settled.people.codes if settled.people else np.empty(0, dtype=int)
        return pd.Series(people).groupby(people).cumcount().to_numpy()
    if len(settled.planned) > MANY_VISITS:
        raise UsageError(
            f"{roles.visit}: {len(settled.planned)} different visits; give the planned visits, "
            "not the days on which they took place"
        )
    place = {level: at for at, level in enumerate(settled.planned)}
    return np.array([place[one] for one in settled.frame[roles.visit].tolist()], dtype=int)


def _unseen(settled: SettledRows, roles: TrialColumns, correlation: str) -> tuple[str, ...]:
    """Return notes on planned visits that no row used has."""
    if roles.visit is None:
        return ()
    seen = set(settled.frame[roles.visit].tolist())
    gone = [level for level in settled.planned if level not in seen]
    if not gone:
        return ()
    told = f"{roles.visit}: no row used has {listed(gone)}; left out"
    apart = (
        f"correlation ar1: {roles.visit} is as far apart as planned, visits without a row counted"
    )
    return (told, apart) if correlation == "ar1" else (told,)


# A fit of estimating equations: a frozen record with the views that the other fits have.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class GeeSummary(Shown):
    """A fit by estimating equations in one row.

    Attributes
    ----------
    n_obs, n_participants, n_dropped : int
        Rows used, participants, and rows left out because a needed value is missing.
    family, link, correlation, working, vcov, df : str
        As asked in `gee`.
    alpha : float
        Of the working correlation; 0 for independence.
    scale : float
        Dispersion: near 1 where a binomial or Poisson variance holds; of a gaussian the variance.
    iterations : int
    converged : bool
    notes : tuple of str
        What the reader must know.
    """

    n_obs: int
    n_participants: int
    n_dropped: int
    family: str
    link: str
    correlation: str
    working: str
    alpha: float
    scale: float
    vcov: str
    df: str
    iterations: int
    converged: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class GeeModel(Tidy):
    """A marginal model after its fit by estimating equations.

    Attributes
    ----------
    formula : Formula
    design : Design
        Coding of the terms.
    inference : Inference
        Coefficients with their robust covariance and df.
    stats : GeeSummary
        The fit in one row; read `notes` first.
    roles : TrialColumns
        The columns that say whose row it is, and at which visit.
    frame : DataFrame
        The rows that were used, with their index.
    x, y : array
        Their design, shape (n, p), and outcome, shape (n,).
    offset : array, shape (n,), or None
        Of the rows used, where the formula has one.
    """

    formula: Formula
    design: Design
    inference: Inference
    stats: GeeSummary
    roles: TrialColumns
    frame: pd.DataFrame
    x: FloatArray
    y: FloatArray
    offset: FloatArray | None = None

    coefficients = model_contrasts.coefficients
    anova = model_contrasts.anova

    def marginal_means(
        self,
        factors: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        at: Mapping[str, float] | None = None,
        level: float = 0.95,
        scale: str = "link",
    ) -> pd.DataFrame:
        """Return adjusted means on the scale of the link, or as risks, rates or means.

        Parameters
        ----------
        factors, by, at, level
            As in the other fits: other factors weighed equally, covariates at their mean.
        scale : str
            "link" (logits, logarithms), or "response": the inverse of the link of mean and limits,
            with the standard error by the delta method and no test.
        """
        check_choice("scale", scale, SCALES)
        found = model_contrasts.marginal_means(self, factors, by, at=at, level=level)
        return self._by_response(found) if scale == "response" else found

    def contrasts(
        self,
        factor: str,
        by: str | Sequence[str] | None = None,
        *,
        scale: str = "link",
        **choices: Any,  # noqa: ANN401
    ) -> pd.DataFrame:
        """Return differences of marginal means on the scale of the link, or ratios.

        Parameters
        ----------
        factor, by, choices
            As in the other fits.
        scale : str
            "link": differences of logits or logarithms; "response": odds ratios for "binomial",
            rate ratios for "poisson" (test that of the link, std_error of the ratio itself);
            differences for "gaussian".
        """
        check_choice("scale", scale, SCALES)
        found = model_contrasts.contrasts(self, factor, by, **choices)
        if scale == "link" or self.stats.link == "identity":
            return found
        ends = {name: np.exp(found[name]) for name in ("estimate", "conf_low", "conf_high")}
        return found.assign(std_error=found["std_error"] * ends["estimate"], **ends)

    def _by_response(self, found: pd.DataFrame) -> pd.DataFrame:
        """Return means and limits through the inverse of the link."""
        own = equations.family_named(self.stats.family)
        ends = {
            name: own.mean(found[name].to_numpy()) for name in ("estimate", "conf_low", "conf_high")
        }
        slope = own.variance(ends["estimate"])
        test = {} if self.stats.link == "identity" else {"statistic": np.nan, "p_value": np.nan}
        return found.assign(**ends, std_error=found["std_error"] * slope, **test)

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p)."""
        return self.inference.test(combinations, level=level)

    def jointly(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, (l, p), are zero; of infinite df chi-square's p.

        The statistic is Wald's over its df.
        """
        found = self.inference.joint(combinations)
        if np.isfinite(found.df_den):
            return found
        p = chi_square_p(statistic=found.statistic * found.df_num, df=found.df_num)
        return replace(found, p_value=float(p))

    @property
    def covariance(self) -> pd.DataFrame:
        """Return the covariance of the coefficients, in the choice of `vcov`, by name."""
        names = list(self.design.names)
        return pd.DataFrame(self.inference.method.covariance, index=names, columns=names)

    def fitted(self) -> pd.Series:
        """Return the fitted means (risks, rates times exposure), in the index of the rows used."""
        linear = self.x @ self.inference.beta
        linear = linear if self.offset is None else linear + self.offset
        mean = equations.family_named(self.stats.family).mean(linear)
        return pd.Series(mean, index=self.frame.index, name="fitted")

    def residuals(self) -> pd.Series:
        """Return outcome minus fitted mean, in the index of the rows used."""
        return pd.Series(self.y - self.fitted(), index=self.frame.index, name="residual")

    def predict(
        self, frame: pd.DataFrame | None = None, *, level: float = 0.95, scale: str = "response"
    ) -> pd.DataFrame:
        """Return the mean of new rows; `frame`: None stands for the rows that were used.

        Returns
        -------
        DataFrame
            estimate, conf_low, conf_high, std_error, df, through the inverse of the link or, with
            scale="link", before it; the index is that of `frame`, and rows that miss a value are
            NaN.
        """
        check_choice("scale", scale, SCALES)
        frame = self.frame if frame is None else frame
        rows, held = design_rows(self.design, frame)
        out = pd.DataFrame(np.nan, index=frame.index, columns=list(PREDICTED))
        if held.any():
            found = estimate_columns(self.tested(rows[held], level=level))
            out.loc[held, :] = np.column_stack([found[name] for name in PREDICTED])
        out = with_offset(out, self.design, frame)
        return self._by_response(out)[list(PREDICTED)] if scale == "response" else out

    def glance(self) -> pd.DataFrame:
        """Return the fit in one row: family, correlation, scale and numbers; no likelihood."""
        names = "family link correlation alpha scale vcov df n_obs n_participants converged"
        row = {name: getattr(self.stats, name) for name in names.split()}
        return pd.DataFrame([row]).rename(columns={"n_obs": "nobs"})

    @property
    def llf(self) -> float:
        """Refuse: there is no likelihood."""
        raise UsageError(NO_LIKELIHOOD)

    @property
    def aic(self) -> float:
        """Refuse: there is no likelihood."""
        raise UsageError(NO_LIKELIHOOD)

    @property
    def bic(self) -> float:
        """Refuse: there is no likelihood."""
        raise UsageError(NO_LIKELIHOOD)
