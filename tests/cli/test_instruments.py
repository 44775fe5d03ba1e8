"""What `backwalk instruments` prints: a line for each, and everything about one."""

from __future__ import annotations

import pytest

from backwalk_stats.cli.instruments import described, listing
from backwalk_stats.instruments.registry import all_instruments, instrument


def test_listing_has_one_line_per_instrument():
    lines = listing(all_instruments()).splitlines()
    assert len(lines) == 1 + len(all_instruments())
    assert lines[0].split() == ["instrument", "name", "versions", "better", "items"]
    assert any(line.startswith("womac ") and line.endswith(" 24") for line in lines)


@pytest.mark.parametrize("one", all_instruments(), ids=lambda one: one.code)
def test_one_is_told_whole(one):
    text = described(one)
    for version in one.versions:
        assert f'version "{version.code}"' in text
        for scale in version.scales:
            assert f'subscale "{scale.name}"' in text
            assert all(f'"{rule.name}"' in text for rule in scale.rules)
    for threshold in one.thresholds:
        assert f'threshold "{threshold.name}"' in text and threshold.source in text
    for doubt in one.unverified:
        assert doubt in text.partition("not verified:")[2]


def test_a_rule_from_memory_says_so():
    text = described(instrument("womac"))
    assert '"user-guide", default, not verified: 4 of 5 items' in text
    assert '"user-guide", default: 14 of 17 items' in text
