"""Thirty-second chair stand: how many times."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_PARKINSON = "J Geriatr Phys Ther 2017;40:223, doi 10.1519/JPT.0000000000000102"
_SCALE = measured(
    "cst30_n",
    label="Chair stands in 30 s",
    unit="stands",
    better="higher",
    step=1.0,
    usual=(1.0, 40.0),
    formula="count",
    thresholds=(
        threshold(
            "mdc95-parkinson-points",
            3.0,
            "Parkinson's disease, stages 1 to 3 (n = 22), ICC 0.94",
            _PARKINSON,
        ),
    ),
)

INSTRUMENT = Instrument(
    code="30scst",
    name="Thirty-second chair stand test",
    domain="performance",
    versions=(Version(code="30s", name="stands in 30 s", scales=(_SCALE,)),),
    sources=(
        "knee osteoarthritis, test-retest ICC 0.841 to 0.853: read.qxmd.com/read/38634965",
        _PARKINSON,
    ),
    licence="free",
    unverified=("A stand with the help of the arms counts 0 under the OARSI rules.",),
    notes=(
        "Who needs the arms: guides say 0, a trial protocol records it as an adapted score of its "
        "own. Say which; the two are not mixed.",
    ),
)
