"""What yields an outcome: ranges, direction, scoring, thresholds; item codes, never wording."""

from backwalk_stats.instruments.eq5d_5l import eq5d_profile
from backwalk_stats.instruments.improvement import improved, improved_by_percent, improved_by_points
from backwalk_stats.instruments.instrument import Instrument
from backwalk_stats.instruments.koos import womac_items
from backwalk_stats.instruments.oks import oks_from_old
from backwalk_stats.instruments.omeract_oarsi import omeract_oarsi_responder
from backwalk_stats.instruments.registry import all_instruments
from backwalk_stats.instruments.registry import instrument as find
from backwalk_stats.instruments.scoring import score
from backwalk_stats.instruments.sf12 import sf12_summary
from backwalk_stats.instruments.sppb import sppb_points

__all__ = [
    "Instrument",
    "all_instruments",
    "eq5d_profile",
    "find",
    "improved",
    "improved_by_percent",
    "improved_by_points",
    "oks_from_old",
    "omeract_oarsi_responder",
    "score",
    "sf12_summary",
    "sppb_points",
    "womac_items",
]
