"""Fear-Avoidance Beliefs Questionnaire: physical activity and work, items of 0 to 6, summed."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold

_SCORING = "PMC4893951, Low back pain guideline (items of both subscales), after Waddell 1993"
_MONTICONE = "Monticone 2020, Eur J Phys Rehabil Med, doi 10.23736/S1973-9087.20.06158-4"
_NORWEGIAN = "Norwegian FABQ, PMID 17067967"
_ITALIAN = "chronic low back pain, 8 weeks of rehabilitation (n = 129)"
# Name, label, numbers of the items, MDC95 and MCID of Monticone 2020, MDC of the Norwegian form.
_SUBSCALES = (
    ("pa", "physical activity", (2, 3, 4, 5), 3.69, 4.0, 9.0),
    ("work", "work", (6, 7, 9, 10, 11, 12, 15), 5.95, 7.0, 12.0),
)


def _scale(
    name: str, label: str, numbers: tuple[int, ...], mdc95: float, mcid: float, mdc: float
) -> Scale:
    high = 6.0 * len(numbers)
    return Scale(
        name=name,
        label=f"Fear-avoidance beliefs, {label} (FABQ, 0 to {high:g})",
        low=0.0,
        high=high,
        step=1.0,
        unit="points",
        better="lower",
        items=tuple(Item(code=f"FABQ{number}", low=0.0, high=6.0) for number in numbers),
        formula="sum",
        combine=total,
        rules=(complete(len(numbers)),),
        thresholds=(
            threshold(f"mdc95-monticone2020-{name}-points", mdc95, _ITALIAN, _MONTICONE),
            threshold(
                f"mcid-monticone2020-{name}-points",
                mcid,
                _ITALIAN,
                _MONTICONE,
                "ROC, AUC 0.97; large improvement against all less, so not the smallest change",
            ),
            threshold(
                f"mdc-norwegian-{name}-points",
                mdc,
                "chronic low back pain (n = 28)",
                _NORWEGIAN,
                "its abstract does not say the level",
            ),
        ),
    )


INSTRUMENT = Instrument(
    code="fabq",
    name="Fear-Avoidance Beliefs Questionnaire",
    domain="beliefs about pain, activity and work",
    versions=(
        Version(
            code="16",
            name="16 items, 0 to 6, of which 11 are scored",
            scales=tuple(_scale(*row) for row in _SUBSCALES),
        ),
    ),
    sources=(_SCORING, _MONTICONE, _NORWEGIAN),
    licence="free (RehabMeasures); the wording is not shipped",
    unverified=("No rule for unanswered items was found: all of a subscale are needed.",),
    notes=(
        "Items keep their numbers; 1, 8, 13, 14 and 16 are asked and not scored.",
        "A total (of 66 or of 96) is reported at times; no rule for one was read, so none is "
        "scored. The work subscale asks those who work: others leave it unanswered.",
    ),
)
