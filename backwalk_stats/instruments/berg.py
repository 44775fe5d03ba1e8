"""Berg Balance Scale: fourteen tasks of 0 to 4, summed; 56 is best."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_SCORING = "J Neurol Phys Ther 2023;47:44, doi 10.1097/NPT.0000000000000417 (items and range)"
_STEVENSON = "Stevenson 2001, Aust J Physiother 47:29"
_CHRONIC = "PMC6136166"
_DONOGHUE = "Donoghue and Stokes 2009, J Rehabil Med 41:343"
_STEFFEN = "Steffen 2008, Phys Ther 88:733, doi 10.2522/ptj.20070214"
_SUBACUTE = "Top Stroke Rehabil 2022;29:423, doi 10.1080/10749357.2021.1943800"
_HAYASHI = "Hayashi 2022, Clin Rehabil 36:1512"
_BY_BASELINE = tuple(
    threshold(
        f"mdc95-donoghue2009-baseline-{low}-{high}-points",
        value,
        f"over 65, in physiotherapy, without stroke or Parkinson's disease; {low} to {high} before",
        _DONOGHUE,
        "one of four: it depends on the score before (n = 118 in all)",
    )
    for low, high, value in ((45, 56, 4.0), (35, 44, 5.0), (25, 34, 7.0), (0, 24, 5.0))
)
_SCALE = Scale(
    name="score",
    label="Balance (Berg, 0 to 56)",
    low=0.0,
    high=56.0,
    step=1.0,
    unit="points",
    better="higher",
    items=numbered("BBS", 14, high=4),
    formula="sum",
    combine=total,
    rules=(complete(14),),
    thresholds=(
        threshold(
            "mdc90-stevenson2001-points",
            6.0,
            "stroke, inpatient rehabilitation (n = 48), two raters on consecutive days",
            _STEVENSON,
            "MDC at 90 %, not 95 %; it agreed with the clinicians' view of change in 25 of 45",
        ),
        threshold(
            "mdc-chronic-stroke-points",
            2.7,
            "chronic stroke (n = 56), one rater",
            _CHRONIC,
            "1.96 sqrt(2) x SEM 0.98 gives 2.72; its abstract does not say the level",
        ),
        threshold("mdc95-steffen2008-points", 5.0, "parkinsonism (n = 37)", _STEFFEN),
        *_BY_BASELINE,
        threshold(
            "mcid-subacute-assisted-points",
            5.0,
            "early subacute stroke, needing help to walk, 1 month",
            _SUBACUTE,
            "ROC, anchor a better Functional Ambulation Category, AUC 0.84: not the patient's view",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="bbs",
    name="Berg Balance Scale",
    domain="balance",
    aliases=(("berg", ""), ("berg-balance", "")),
    versions=(Version(code="14", name="14 tasks, 0 to 4", scales=(_SCALE,)),),
    sources=(_SCORING, _STEVENSON, _CHRONIC, _STEFFEN, _DONOGHUE, _SUBACUTE, _HAYASHI),
    licence="a published scale; the wording is not shipped",
    unverified=("No rule for tasks that were not rated was found: all 14 are needed.",),
    notes=(
        "Walking is none of its tasks; people who walk well reach its ceiling.",
        "Short forms (7 items) and other sums of its tasks are other instruments.",
        "In acute stroke 6.5 to 12.5 points by anchors have been called important and 2.3 to 4.9 "
        "by the spread alone (Hayashi 2022, n = 75): ranges, not thresholds.",
        "Early after stroke, in those who walk without help, 4 points: AUC 0.62, p = 0.26, no "
        "better than chance, and so not a threshold here.",
    ),
)
