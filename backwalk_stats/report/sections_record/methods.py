"""The formula and the reference of every check."""

from __future__ import annotations

from backwalk_stats.ledger import checks
from backwalk_stats.registry import members
from backwalk_stats.report.document import document
from backwalk_stats.trial.result import Reproduction

ORDER = 95
_INTERVALS = (
    "Every check is evaluated over the box of values that the rounding of its printed inputs "
    "allows, both ends included; numbers rounded half up and half to even are both accepted. The "
    "smallest and the largest result are the interval of the recomputed number."
)
_POOLS = (
    "Study effects are Hedges’ g with the small-sample correction and variance of the Cochrane "
    "Handbook. Pools use inverse-variance weights with a common effect, and random effects with "
    "the between-study variance of DerSimonian and Laird, Paule and Mandel, and restricted maximum "
    "likelihood (REML). Intervals are normal or by Hartung and Knapp; prediction intervals by "
    "Higgins, Thompson and Spiegelhalter; intervals of the between-study variance by Q-profile."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the checks that were used, and the names of those that were not needed."""
    known = [module.CHECK for module in members(checks)]
    used = {
        name.strip() for names in reproduction.ledger["check"] for name in str(names).split(";")
    }
    entries = tuple(
        ((document.Strong(text=check.title),), (f"{check.formula} Reference: {check.reference}",))
        for check in sorted(known, key=lambda check: check.title)
        if check.name in used
    )
    listed: tuple[document.Block, ...] = (document.Definitions(entries=entries),) if entries else ()
    spare = "; ".join(sorted(check.title for check in known if check.name not in used))
    if spare:
        listed += (
            document.Paragraph(content=(f"Checks that found nothing to look at: {spare}.",)),
        )
    return document.Section(
        id="methods",
        title="Methods",
        short="Methods",
        blocks=(
            document.Paragraph(content=(_INTERVALS,)),
            document.Paragraph(content=(_POOLS,)),
            *listed,
        ),
    )
