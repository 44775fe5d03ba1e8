"""Functional Gait Assessment: ten walking tasks of 0 to 3, summed; one of them is backwards."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_SCORING = "RehabMeasures (sralab.org), Functional Gait Assessment"
_BLOEMENDAAL = "van Bloemendaal, Validity and reproducibility of the FGA in persons after stroke"
_COMMUNITY = "abstract on the FGA after stroke in the community; its journal was not told"
_PARKINSON = "J Geriatr Phys Ther 2017;40:223, doi 10.1519/JPT.0000000000000102"
_BENINATO = "Beninato 2014, Phys Ther 94:1594, doi 10.2522/ptj.20130596"
_SCALE = Scale(
    name="score",
    label="Walking balance (FGA, 0 to 30)",
    low=0.0,
    high=30.0,
    step=1.0,
    unit="points",
    better="higher",
    items=numbered("FGA", 10, high=3),
    formula="sum",
    combine=total,
    rules=(complete(10),),
    thresholds=(
        threshold(
            "mdc-bloemendaal-points",
            6.0,
            "stroke, 5 to 10 weeks (n = 52)",
            _BLOEMENDAAL,
            "from an SEM of 2; 1.96 sqrt(2) x 2 gives 5.5; its abstract does not say the level",
        ),
        threshold(
            "mdc-community-stroke-points",
            5.02,
            "stroke, living in the community (n = 63)",
            _COMMUNITY,
            "1.96 sqrt(2) x SEM 1.81 gives 5.02; its abstract does not say the level",
        ),
        threshold(
            "mdc95-parkinson-points", 4.0, "Parkinson's disease, stages 1 to 3 (n = 22)", _PARKINSON
        ),
        threshold(
            "mcid-beninato2014-therapist-points",
            4.0,
            "older people, balance retraining (n = 135)",
            _BENINATO,
            "rated by therapists; by the patients' own ratings no value could be found",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="fga",
    name="Functional Gait Assessment",
    domain="balance in walking",
    aliases=(("functional-gait", ""),),
    versions=(Version(code="10", name="10 tasks, 0 to 3", scales=(_SCALE,)),),
    sources=(_SCORING, _BLOEMENDAAL, _COMMUNITY, _PARKINSON, _BENINATO),
    licence="free (RehabMeasures); the wording is not shipped",
    unverified=("No rule for tasks that were not rated was found: all 10 are needed.",),
    notes=(
        "One task is walking backwards: where that is what was trained, the score holds some of "
        "the training itself.",
        "The Dynamic Gait Index (8 tasks) is another instrument.",
    ),
)
