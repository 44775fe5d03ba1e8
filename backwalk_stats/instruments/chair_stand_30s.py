"""Thirty-second chair stand: how many times."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SCALE = measured(
    "cst30_n",
    label="Chair stands in 30 s",
    unit="stands",
    better="higher",
    step=1.0,
    usual=(1.0, 40.0),
    formula="count",
)

INSTRUMENT = Instrument(
    code="30scst",
    name="Thirty-second chair stand test",
    domain="performance",
    versions=(Version(code="30s", name="stands in 30 s", scales=(_SCALE,)),),
    sources=("knee osteoarthritis, test-retest ICC 0.841 to 0.853: read.qxmd.com/read/38634965",),
    licence="free",
    unverified=("A stand with the help of the arms counts 0 under the OARSI rules.",),
    notes=("A trial protocol records stands with the arms as an adapted score of its own.",),
)
