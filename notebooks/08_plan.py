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
# # Plan, lock, run blind, analyse, deviate
#
# A trial of backward walking in knee osteoarthritis is planned from the published record, its
# power is simulated with the very analysis that the trial file declares, the plan is locked, run
# blind, analysed and changed. The people in it are **SIMULATED**. Nothing in them is evidence.
#
# In a terminal the same is `backwalk plan power`, `plan lock`, `plan dry-run`, `plan status` and
# `backwalk analyse`.

# %%
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

import backwalk_stats as bw

# %% [markdown]
# ## 1. What the record says, and how little
# Five printed trials compare walking backwards with a control on pain. Pooled differences are in
# standard deviations; negative is less pain with backward walking.

# %%
pooled = bw.reproduce().pooled
of_pain = pooled[
    (pooled["outcome"] == "pain")
    & (pooled["pool"] == "backward trials")
    & (pooled["left_out"] == "")
    & (pooled["method"] == "reml")
    & (pooled["ci"] == "hksj")
]
of_pain[["k", "estimate", "conf_low", "conf_high", "pi_low", "pi_high", "i2"]].round(2)

# %% [markdown]
# The prediction interval, where the difference of a *new* trial may lie, reaches from a very
# large benefit to harm. So one number will not do: the pooled mean, half of it, and the end of
# the confidence interval that is nearest to no difference are three scenarios. What a standard
# deviation is in points comes from the same record: the printed SDs of pain at the end of
# treatment.

# %%
(pool,) = of_pain.to_dict("records")
printed = bw.read_record(bw.example("record")).outcomes
ends = printed[(printed["outcome"] == "pain") & (printed["direction_better"] == "lower")]
sds = pd.to_numeric(ends.loc[ends["timepoint"] != "baseline", "sd"], errors="coerce").dropna()
print(f"{len(sds)} SDs, from {sds.min():.2f} to {sds.max():.2f} points; median {sds.median():.2f}")

# %% [markdown]
# These SDs are small beside a scale of 0 to 10. With them a difference in SDs is a small one in
# points. We take 1.8 points, and say so in the file: it is an assumption, and a larger SD needs
# more people for the same points.

# %%
SD = 1.8
scenarios = {
    "as pooled": pool["estimate"],
    "half of it": pool["estimate"] / 2,
    "end of the interval": pool["conf_high"],
}
in_points = {name: round(effect * SD, 2) for name, effect in scenarios.items()}
in_points

# %% [markdown]
# ## 2. The trial file before there are data
# What is asked, of whom, by which analysis, and what is assumed. The sheet that `[[data]]` names
# is not there yet.

# %%
folder = Path(tempfile.mkdtemp())
TRIAL = """
[trial]
id = "walk-back"
title = "Backward or forward walking for knee osteoarthritis (SIMULATED)"
seed = 20261201

[arms]
reference = "forward"
labels = { FW = "forward", BW = "backward" }

[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]

[[data]]
file = "scores.csv"
participant = "id"
arm = "group"

[[outcome]]
name = "pain"
label = "Pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "pain_w0", W3 = "pain_w3", W6 = "pain_w6" }

[[estimand]]
id = "E1"
outcome = "pain"
visit = "W6"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline"]

[plan]
replicates = 1000
target_power = 0.9
rationale = "Pool of five published trials; SD of 1.8 points assumed"
"""
SCENARIO = """
[[plan.scenario]]
name = "{name}"
per_arm = [13, 30, 60, 100]
outcome = "pain"
means = {{ forward = [6, 5.2, 4.8], backward = [6, {middle}, {end}] }}
sd = [1.8, 1.8, 1.8]
correlation = "ar1:0.7"
dropout = {{ forward = [0, 0.05, 0.15], backward = [0, 0.10, 0.15] }}
dropout_mechanism = {{ mar = 0.3 }}
round = true
"""
told = [
    SCENARIO.format(name=name, middle=round(5.2 + effect / 2, 2), end=round(4.8 + effect, 2))
    for name, effect in in_points.items()
]
trial_file = folder / "trial.toml"
trial_file.write_text(TRIAL + "".join(told), encoding="utf-8")
bw.load_plan(trial_file)

# %% [markdown]
# ## 3. Power of the very analysis
# Each simulated trial is drawn, rounded to whole points, loses people as declared, and is
# analysed as the estimand says: a mixed model with Kenward-Roger's degrees of freedom. Every
# figure has its Monte Carlo limits.

# %%
power = bw.power(trial_file)
shown = power.results
shown = shown[shown["quantity"].isin(["power", "type_one_error"])]
shown.pivot(index=["scenario", "per_arm"], columns="quantity", values="value").round(3)

# %%
bw.plot.power(power, scenario="half of it")

# %%
power.needed

# %% [markdown]
# Thirteen people an arm, as in a published trial, find a difference as large as the pooled one in
# most trials and half of it in few. Beside the simulation stands the closed form, where there is
# one.

# %%
power.closed_forms[power.closed_forms["scenario"] == "half of it"]

# %%
power.report(folder / "plan")
sorted(one.name for one in (folder / "plan").iterdir())

# %% [markdown]
# ## 4. Lock
# The lock holds every key that decides a number, and a hash of them. Comments, labels and the
# order of keys are not in it. The day is that of today unless it is given, as here.

# %%
locked = bw.lock_plan(trial_file, folder=folder / "plan", day=date(2026, 3, 2))
print(f"{locked.path.name}: {locked.lock.hash[:12]}, {locked.lock.locked}")
print(locked.there.in_words())
print(locked.power)

# %% [markdown]
# ## 5. Data come in; the blind run
# Forty invented people an arm. Before anybody knows who had what, the whole report is run with
# the arms dealt by chance: every page is marked, effects are hidden, and the review sees what is
# missing, how scores are spread and whether the planned model can be fitted.

# %%
rng = np.random.default_rng(8)
n = 80
group = rng.permutation(["FW", "BW"] * (n // 2))
person = rng.normal(0.0, 1.4, n)
sheet = pd.DataFrame({"id": [f"P{k:03d}" for k in range(n)], "group": group})
for visit, forward, gain in (("w0", 6.0, 0.0), ("w3", 5.2, -0.5), ("w6", 4.8, -0.95)):
    score = forward + gain * (group == "BW") + person + rng.normal(0.0, 1.1, n)
    sheet[f"pain_{visit}"] = pd.array(np.clip(np.rint(score), 0, 10), dtype="Int64")
left = rng.random(n) < 0.15
sheet.loc[left, "pain_w6"] = pd.NA
sheet.to_csv(folder / "scores.csv", index=False)

blind = bw.dry_run(trial_file)
blind.report(folder / "blind")
blind

# %% [markdown]
# ## 6. Analyse what was planned

# %%
analysis = bw.analyse(bw.load_trial(trial_file))
columns = ["estimand", "analysis", "estimate", "conf_low", "conf_high", "p_value", "planned"]
answers = analysis.results
answers[answers["quantity"] == "mean_difference"][columns].round(3)

# %%
for head, text in bw.plan_status(trial_file, folder=folder / "plan").lines():
    print(f"{head:10}{text}")

# %% [markdown]
# ## 7. Deviate, and say so
# Later somebody leaves the baseline out of the model and adds a second question. Nothing forbids
# it; nothing hides it either. A difference with a `[[deviation]]` has its reason, one without is
# *not explained*, and what the plan does not have is post hoc.

# %%
changed = trial_file.read_text(encoding="utf-8").replace(
    'covariates = ["baseline"]', "covariates = []"
)
changed += """
[[estimand]]
id = "E2"
outcome = "pain"
visit = "W3"
contrast = ["backward", "forward"]
analysis = "ancova"
role = "exploratory"

[[deviation]]
key = "estimand.E1.covariates"
when = 2026-09-14
reason = "Baseline was measured after the first session in one clinic"
"""
trial_file.write_text(changed, encoding="utf-8")
again = bw.analyse(bw.load_trial(trial_file))
found = again.results
found[found["quantity"] == "mean_difference"][columns].round(3)

# %%
differ = bw.plan_status(trial_file, folder=folder / "plan").differences
rows = [(one.key, one.planned, one.done, one.reason or "not explained") for one in differ]
pd.DataFrame(rows, columns=["key", "planned", "done", "reason"])

# %%
again.report(folder / "report")
print(*sorted(one.name for one in (folder / "report").iterdir()))

# %% [markdown]
# The report names the plan, its day and hash, and each difference beside the estimate that it
# touches. [power](../docs/methods/power.md), [lock](../docs/methods/plan_lock.md) and [blind
# run](../docs/methods/dry_run.md) tell the rules.
