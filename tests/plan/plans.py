"""Trial files of planned trials for tests: one that is sound, and whatever a test changes in it."""

from __future__ import annotations

from pathlib import Path

SMALL = """
[trial]
id = "small"
title = "A small trial"
seed = 7

[arms]
reference = "forward"
labels = { FW = "forward", BW = "backward" }

[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]

[[data]]
file = "not_yet.csv"
participant = "id"
arm = "group"

[[outcome]]
name = "pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "p0", W3 = "p3", W6 = "p6" }

[[outcome]]
name = "function"
low = 0
high = 100
step = 1
better = "lower"
columns = { W0 = "f0", W3 = "f3", W6 = "f6" }

[[estimand]]
id = "E1"
outcome = "pain"
analysis = "mmrm"

[[estimand]]
id = "E2"
outcome = "pain"
analysis = "ancova"
role = "secondary"

[plan]
replicates = 300
target_power = 0.85

[[plan.scenario]]
name = "expected"
per_arm = [13, 20]
outcome = "pain"
means = { forward = [6, 5.2, 4.8], backward = [6, 4.6, 3.6] }
sd = [1.8, 2.0, 2.1]
correlation = 0.6
dropout = { forward = [0, 0.05, 0.15], backward = [0, 0.1, 0.2] }
dropout_mechanism = { mar = 0.2 }
round = true
"""


def planned(folder: Path, *changes: tuple[str, str], text: str = SMALL) -> Path:
    """Write a trial file with some of its text replaced; a replacement that fits nothing fails."""
    for old, new in changes:
        assert old in text, f"nothing to replace: {old}"
        text = text.replace(old, new)
    path = folder / "trial.toml"
    path.write_text(text)
    return path
