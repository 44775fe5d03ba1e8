"""Global rating of change: one rating around 0, negative for worse, positive for better."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_KAMPER = "Kamper 2009, PMID 20046623"
_FIFTEEN = "PMC3500130 (15 steps, -7 to 7)"
_BENINATO = "Beninato 2014, Phys Ther 94:1594, doi 10.2522/ptj.20130596"


def _version(steps: int) -> Version:
    end = (steps - 1) // 2
    return Version(
        code=str(steps),
        name=f"{steps} steps, -{end} to {end}",
        scales=(
            measured(
                "groc",
                label=f"Global rating of change (-{end} to {end})",
                unit="points",
                better="higher",
                low=-float(end),
                high=float(end),
                step=1.0,
                formula="as rated",
            ),
        ),
    )


INSTRUMENT = Instrument(
    code="groc",
    name="Global rating of change",
    domain="change as the patient sees it",
    aliases=(("global-rating-of-change", ""), ("grc", ""), ("grcs", "")),
    versions=(_version(11), _version(15)),
    sources=(_KAMPER, _FIFTEEN, _BENINATO),
    licence="free",
    unverified=("No MDC or important value was read with its population.",),
    notes=(
        "It is a change already and has no baseline: it is compared after treatment, never "
        "subtracted, and no threshold for a change applies to it.",
        "A rating of 3 or more of 7 has served as important change in other studies (Beninato "
        "2014): a criterion for an anchor, not a finding about this scale.",
        "Seven answers from 1 to 7 (Patient Global Impression of Change) are another form: declare "
        "it, with its direction, as an outcome of its own.",
        "Who rates (patient or therapist) and since when belong to the outcome's label.",
    ),
)
