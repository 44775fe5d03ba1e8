# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
# %% [markdown]
# # Lumbar motion
#
# From motion files to coordination, to whole-curve tests, to outcomes of a trial. The people are
# **SIMULATED**, so for each number it is known what was put in: 20 people walk forwards and
# backwards on a treadmill, before (W0) and after six weeks (W6) of training one of the two. Those
# who trained backward walking then have 2° more lumbar flexion in one part of the cycle, and the
# rotation of their lumbar segment in space lags that of the pelvis by 12° more. Posture differs
# between people by 6° (SD).

# %%
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

import backwalk_stats as bw

# %% [markdown]
# ## 1. Read everything
# The motion file says what the files hold: C3D for two people, OpenSim for two, CSV for the
# others. One call reads them, finds the events of both feet, cuts cycles, computes features and
# tests curves.

# %%
moved = bw.analyse_motion(bw.example("motion"))
moved

# %% [markdown]
# What was noticed on reading, by file. Bends were recorded without markers of the legs.

# %%
pd.Series(moved.notes).str.partition(": ")[2].value_counts()

# %% [markdown]
# ## 2. Features
# One row for each participant, visit, walk and feature.

# %%
features = moved.features
features.sample(5, random_state=1)


# %%
def means(*names: str) -> pd.DataFrame:
    """Return means by walk, arm and visit."""
    chosen = features[features["feature"].isin(names)]
    return chosen.pivot_table(
        index="feature", columns=["direction", "arm", "visit"], values="value"
    ).loc[list(names)]


means("speed", "cadence", "step_length", "stance_left").round(2)

# %% [markdown]
# Put in: a cycle of 1.15 s (SD 0.05), the same at both visits: two steps a cycle are 104 a minute.
# The stance put in is 63 %; contacts and offs found at the markers' extremes say 65 %. A record
# that is declared in the wrong direction would have a stance of about 35 %, and is refused.
#
# Repositioning: each of five trials was 2° (SD 1.5°) too far, 0.8° less after backward walking.

# %%
repositioning = [f"repositioning_{kind}" for kind in ("constant", "absolute", "variable", "rmse")]
means(*repositioning).round(2)

# %% [markdown]
# ## 3. How pelvis and lumbar spine move together
# Both are angles of segments in space: the angle between them would have anti-phase built in.
# Vector coding sorts each step of the angle-angle diagram into four patterns. Continuous relative
# phase is the lag itself: MARP started at about 60° and was made 12° larger by backward walking,
# in both walks.

# %%
coordination = ("marp", "deviation_phase", "anti_phase", "in_phase", "proximal", "distal")
means(*(f"lumbopelvic_{name}" for name in coordination)).round(1)

# %%
marp = features[(features["feature"] == "lumbopelvic_marp") & (features["direction"] == "backward")]
change = marp.pivot(index=["participant", "arm"], columns="visit", values="value")
change = (change["W6"] - change["W0"]).groupby("arm").agg(["mean", "std"])
assert abs(change["mean"].diff().iloc[-1] + 12.0) < 4.0, "12 degrees were put in"
change.round(1)

# %% [markdown]
# Arms compared in every coordination feature, adjusted for the value at W0. The last column is
# Holm's over the features of a walk.

# %%
columns = ["feature", "direction", "estimate", "conf_low", "conf_high", "p_value", "p_adjusted"]
moved.coordination_tests[columns].round(3)

# %% [markdown]
# Before one person's change is believed: how large must it be? Nobody was recorded twice in a
# visit, so the study has no error of measurement of its own, and strides of one recording are no
# repeats. What was published, with what was measured there:

# %%
moved.detectable_change[["feature", "sem", "mdc", "source"]].round(1)

# %% [markdown]
# And what is to be said before any of it is relied on:

# %%
[note for note in moved.notes if note.startswith("coupling")]

# %% [markdown]
# Which share of people is in which pattern of their mean coupling angle, over the cycle; then the
# directions of all steps, and the loop of the mean curves. They are of backward walking after six
# weeks.

# %%
moved.figures["lumbopelvic_backward_patterns"]

# %%
moved.figures["lumbopelvic_backward_rose"]

# %%
moved.figures["lumbopelvic_backward_loop"]

# %% [markdown]
# ## 4. Whole curves
# Four questions were declared in the motion file. One p-value for each says whether any part of
# the curve is beyond chance: that the test looks at 101 nodes is accounted for.

# %%
moved.tables["curve_tests"]

# %%
moved.figures["curve_1_lumbar_flexion"]

# %% [markdown]
# The bump was put at 60 % of a cycle that runs from contact to contact walking forwards. Walked
# backwards, with time turned round, that is around the contact of the toe: at both ends of the
# curve. Adjusted for the baseline curve, the test finds it there and nowhere else. The difference
# at its highest node, with limits that hold for the whole curve:

# %%
study = moved.study
nodes = study.results[0].nodes
top = nodes.loc[nodes["estimate"].idxmax()]
assert top["conf_low"] < 2.0 < top["conf_high"], "2 degrees were put in"
top[["node", "estimate", "conf_low", "conf_high", "p_value"]]

# %% [markdown]
# The same in a sentence, as the report tells it.

# %%
study.results[0].effects[0]

# %%
moved.clusters.query("test == 'baseline-adjusted'")[["method", "start", "end", "peak", "p_value"]]

# %% [markdown]
# p of a cluster is that of its peak (permutation) or of its extent (random field theory). The
# mixed model at every node tells the same story; it also takes people who missed a visit.

# %%
modelled = study.results[3].nodes
pd.DataFrame(
    {
        "node": nodes["node"],
        "ANCOVA": nodes["estimate"],
        "mixed model": modelled["estimate"],
        "half width, ANCOVA": (nodes["conf_high"] - nodes["conf_low"]) / 2,
        "half width, mixed model": (modelled["conf_high"] - modelled["conf_low"]) / 2,
    }
).iloc[::10].round(2)

# %% [markdown]
# ## 5. Why the baseline curve matters
# The same comparison without it, by hand: people's posture (6°) is then noise, and 2° drown in
# it.

# %%
walked = "direction == 'backward' and visit == 'W6' and signal == 'lumbar_flexion'"
curves = moved.curves.query(walked)
wide = curves.pivot(index=["arm", "participant"], columns="node", values="value")
one, other = wide.loc["backward"].to_numpy(), wide.loc["forward"].to_numpy()
unadjusted = bw.motion.permutation_test(
    bw.motion.two_sample(one, other),
    bw.motion.two_sample_null(one, other, permutations=2000, seed=1),
)
print(
    f"baseline-adjusted p = {study.results[0].p_value:.4f}, two-sample p = {unadjusted.p_value:.4f}"
)
assert study.results[0].p_value < unadjusted.p_value

# %% [markdown]
# Where spm1d is installed, its t curve is the same.

# %%
if find_spec("spm1d"):
    import spm1d

    theirs = spm1d.stats.ttest2(one, other).z
    print("largest gap of the t curves:", np.abs(theirs - unadjusted.statistic.values).max())
    assert np.allclose(theirs, unadjusted.statistic.values, atol=1e-8)
else:
    print("spm1d is not installed")

# %% [markdown]
# ## 6. Features as outcomes of a trial
# `features_by_visit` is a data file with a row a visit; the trial file names the features that
# matter. From here on a feature is an outcome like a pain score: mixed model, sensitivity,
# missing visits.

# %%
TRIAL = """
[trial]
id = "lumbar"
title = "SIMULATED: coordination of pelvis and lumbar spine"

[arms]
reference = "forward"
names = { backward = "Backward walking", forward = "Forward walking" }

[visits]
baseline = "W0"
order = ["W0", "W6"]
weeks = [0, 6]

[[data]]
file = "features_by_visit.csv"
layout = "long"
participant = "participant"
arm = "arm"
visit = "visit"

[[outcome]]
name = "marp"
label = "Relative phase of pelvis and lumbar spine, walking backwards"
unit = "degrees"
low = 0
high = 180
column = "lumbopelvic_marp_backward"
role = "primary"

[[estimand]]
outcome = "marp"
analysis = "ancova"
sensitivity = ["change-score"]
"""
with tempfile.TemporaryDirectory() as written:
    place = moved.write_features(Path(written) / "trial")
    (place / "trial.toml").write_text(TRIAL, encoding="utf-8")
    analysed = bw.analyse(place / "trial.toml")
analysed

# %%
difference = analysed.results.query("analysis in ('ancova', 'change-score') and contrast != ''")
difference = difference[difference["quantity"].isin(["mean_difference", "change_difference"])]
columns = ["analysis", "quantity", "contrast", "estimate", "conf_low", "conf_high", "p_value"]
main = difference.iloc[0]
assert main["conf_low"] < 12.0 < main["conf_high"], "12 degrees were put in"
difference[columns].round(3)

# %% [markdown]
# ## 7. From your own curves
# Whoever has curves already needs no motion file: a CSV with a row a cycle and 101 columns is
# enough. Here one is written first; read yours in its place. Both segments are in space, the pelvis
# proximal.

# %%
turn = np.linspace(0.0, 2.0 * np.pi, 101)
rng = np.random.default_rng(7)


def written_cycles(folder: Path, name: str, lag: float) -> Path:
    """Write twelve SIMULATED cycles of a segment, a row each, and return the file."""
    lags = np.radians(lag + 4.0 * rng.normal(size=(12, 1)))
    frame = pd.DataFrame(5.0 * np.sin(turn - lags))
    frame.to_csv(folder / name, index=False)
    return folder / name


with tempfile.TemporaryDirectory() as written:
    own = Path(written)
    pelvis = pd.read_csv(written_cycles(own, "pelvis.csv", 0.0))
    before = pd.read_csv(written_cycles(own, "lumbar_before.csv", 50.0))
    after = pd.read_csv(written_cycles(own, "lumbar_after.csv", 65.0))
pelvis.shape

# %%
first, last = bw.coordination(pelvis, before), bw.coordination(pelvis, after)
assert abs(last.marp - first.marp - 15.0) < 6.0, "15 degrees were put in"
last

# %%
last.pattern_shares.round(1)

# %% [markdown]
# The deviation phase beside the error that alone would give it: a system that measures no better
# than this cannot tell one person's stability from its own noise.

# %%
pd.Series({"deviation phase": last.deviation_phase, "error that is enough": last.sufficient_error})

# %% [markdown]
# Where along the cycle do the two sets of curves differ? By 10,000 relabellings of the cycles. Rows
# are cycles of one person, so the answer is about this person's cycles; with a row a person (a mean
# curve each) it is about people.

# %%
compared = bw.curve_test(after.to_numpy(), before.to_numpy(), design="two-sample", circular=True)
compared.clusters

# %%
compared.p_value, compared.threshold

# %% [markdown]
# With `[motion] file = "motion.toml"` in the trial file, the report of the trial also tells the
# curves. The files: [`docs/motion_file.md`](../docs/motion_file.md). The methods:
# [`motion.md`](../docs/methods/motion.md), [`coordination.md`](../docs/methods/coordination.md),
# [`curve_tests.md`](../docs/methods/curve_tests.md).
