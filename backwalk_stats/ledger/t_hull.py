"""The interval of a t test when its estimate, standard error and df are intervals."""

from __future__ import annotations

from dataclasses import dataclass

from backwalk_stats.engine.estimate import Estimate
from backwalk_stats.engine.p_value import t_from_p, t_p
from backwalk_stats.ledger.rounding import Interval, hull
from backwalk_stats.ledger.verdict import Candidate

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class TestBox:
    """A t test with intervals for its parts.

    The estimate depends on means only and its standard error on SDs only, so the quotient of the
    two intervals is the exact interval of t; p takes the ends of |t| and of the df, and so is
    never too narrow.
    """

    __test__ = False

    centre: Estimate
    estimate: Interval
    std_error: Interval
    df: Interval

    def intervals(self) -> dict[str, Interval]:
        """Return the interval of each quantity of the test."""
        statistic = self.estimate / self.std_error
        size = statistic.magnitude()
        p_value = hull(
            float(t_p(statistic=size.high, df=self.df.high)),
            float(t_p(statistic=size.low, df=self.df.low)),
            float(t_p(statistic=size.high, df=self.df.low)),
            float(t_p(statistic=size.low, df=self.df.high)),
        )
        quantiles = [
            float(t_from_p(p_value=1 - LEVEL, df=df)) for df in (self.df.low, self.df.high)
        ]
        reach = Interval(min(quantiles), max(quantiles)) * self.std_error
        return {
            "estimate": self.estimate,
            "std_error": self.std_error,
            "statistic": statistic,
            "p_value": p_value,
            "conf_low": self.estimate - reach,
            "conf_high": self.estimate + reach,
        }


def candidates(
    box: TestBox,
    *,
    test: str,
    label: str,
    inputs: str,
    formula: str,
    unprinted: str = "",
    note: str = "",
    indirect: bool = False,
    contradicts: str = "",
) -> list[Candidate]:
    """Return a candidate for each quantity of a t test.

    Parameters
    ----------
    box : TestBox
        The test and its intervals.
    test, label, inputs, formula, unprinted, note, indirect, contradicts
        As in `Candidate`.
    """
    kept = ("p_value",) if indirect else tuple(box.intervals())
    return [
        Candidate(
            quantity=quantity,
            value=float(getattr(box.centre, quantity)),
            interval=interval,
            test=test,
            label=label,
            inputs=inputs,
            formula=formula,
            unprinted=unprinted,
            note=note,
            indirect=indirect,
            contradicts=contradicts,
        )
        for quantity, interval in box.intervals().items()
        if quantity in kept
    ]
