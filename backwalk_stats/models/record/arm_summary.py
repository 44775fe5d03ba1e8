"""What was printed of one arm before and after, and whether it can be right at all."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from backwalk_stats.engine.printed.grid import ScoreGrid, read_printed
from backwalk_stats.engine.printed.integer_samples import grim, grimmer
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

CANNOT_ALL_BE_RIGHT = "these numbers cannot all be right as printed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmSummary(Shown):
    """One arm of complete pairs, as printed. Numbers are text: 4.80 says more than 4.8.

    Attributes
    ----------
    arm : str
        Its name.
    n : int
        Complete pairs.
    mean_pre, sd_pre, mean_post, sd_post : str
        Before and after; SDs with n - 1.
    sd_change, correlation : str
        One of the two; without either the pairs are not determined.

    Examples
    --------
    >>> arm = ArmSummary(arm="backward", n=30, mean_pre="6.13", sd_pre="1.41",
    ...                  mean_post="3.90", sd_post="1.77", sd_change="1.50")
    >>> arm.printed_decimals()
    2
    """

    arm: str
    n: int
    mean_pre: str
    sd_pre: str
    mean_post: str
    sd_post: str
    sd_change: str = ""
    correlation: str = ""

    def printed_decimals(self) -> int:
        """Return the fewest decimals of the printed means and SDs."""
        texts = (self.mean_pre, self.sd_pre, self.mean_post, self.sd_post)
        return min(read_printed(text).decimals for text in texts)

    def values(self) -> dict[str, float]:
        """Return means, SDs and correlation as numbers, the correlation from the SDs where needed.

        Raises
        ------
        NotEstimable
            If the SD of the change needs a correlation outside [-1, 1].
        """
        numbers = {
            name: float(read_printed(getattr(self, name)).value)
            for name in ("mean_pre", "sd_pre", "mean_post", "sd_post")
        }
        if self.correlation:
            return {**numbers, "correlation": float(read_printed(self.correlation).value)}
        pre, post = numbers["sd_pre"], numbers["sd_post"]
        change = float(read_printed(self.sd_change).value)
        if pre == 0.0 or post == 0.0:
            raise NotEstimable(f"arm '{self.arm}': an SD of 0 leaves no correlation")
        r = (pre**2 + post**2 - change**2) / (2.0 * pre * post)
        if not -1.0 <= r <= 1.0:
            raise NotEstimable(
                f"arm '{self.arm}': the SDs {self.sd_pre}, {self.sd_post} and {self.sd_change} "
                "need a correlation outside -1 to 1; within their rounding one inside is possible, "
                "so no draw has all of them exactly"
            )
        return {**numbers, "correlation": r}


def refuse_incomplete(arm: ArmSummary) -> None:
    """Refuse a summary that does not say how before and after go together, or says it twice.

    Raises NotEstimable if neither SD of the change nor correlation is given, or n is below 3.
    Raises UsageError if both are given.
    """
    if arm.n < 3:
        raise NotEstimable(f"arm '{arm.arm}': 3 pairs or more are needed, found n = {arm.n}")
    if not arm.sd_change and not arm.correlation:
        raise NotEstimable(
            f"arm '{arm.arm}': what was printed does not determine how before and after go "
            "together; give sd_change or correlation (a paired t, p or interval yields it)"
        )
    if arm.sd_change and arm.correlation:
        raise UsageError(f"arm '{arm.arm}': expected sd_change or correlation, found both")


def refuse_impossible(arm: ArmSummary, grid: ScoreGrid | None) -> None:
    """Refuse numbers of which at least one must be wrong, whatever the rounding.

    `arm`: as printed. `grid`: the scores that one person can have; None for a continuous scale
    without ends. Raises NotEstimable if no correlation in [-1, 1], or no sample on the grid, has
    these numbers.
    """
    sds = [read_printed(text) for text in (arm.sd_pre, arm.sd_post)]
    if any(sd.value < 0 for sd in sds):
        raise _impossible(arm, "an SD is below 0")
    if arm.correlation:
        r = read_printed(arm.correlation)
        if r.low > 1 or r.high < -1:
            raise _impossible(arm, f"the correlation {arm.correlation} is outside -1 to 1")
    else:
        pre, post = sds
        change = read_printed(arm.sd_change)
        nearest = max(pre.low - post.high, post.low - pre.high, Fraction(0))
        if change.low > pre.high + post.high or change.high < nearest:
            raise _impossible(
                arm,
                f"SDs {arm.sd_pre} and {arm.sd_post} do not allow {arm.sd_change} of the change",
            )
    if grid is None:
        return
    for mean_text, sd_text in ((arm.mean_pre, arm.sd_pre), (arm.mean_post, arm.sd_post)):
        if not grim(mean_text=mean_text, n=arm.n, grid=grid).possible:
            raise _impossible(arm, f"no {arm.n} scores of this scale have the mean {mean_text}")
        if not grimmer(mean_text=mean_text, sd_text=sd_text, n=arm.n, grid=grid).possible:
            raise _impossible(
                arm, f"no {arm.n} scores of this scale have mean {mean_text} and SD {sd_text}"
            )


def _impossible(arm: ArmSummary, what: str) -> NotEstimable:
    return NotEstimable(f"arm '{arm.arm}': {what}; {CANNOT_ALL_BE_RIGHT}")
