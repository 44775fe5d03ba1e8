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
# # Figures
#
# Every picture of `bw.plot`: the object in, the axes out, in the theme of the session. The trial
# and the movement are simulated; the record is the published one.
# Backward walking is the filled circle on a solid line, forward walking the open square on a dashed
# one: no picture needs colour to be read.

# %%
import matplotlib.pyplot as plt
import seaborn as sns

import backwalk_stats as bw

trial = bw.load_trial(bw.example("knee"))
analysis = bw.analyse(trial)
analysis

# %% [markdown]
# ## One outcome
# What was observed: means with t intervals over a thin line for every participant.

# %%
ax = bw.plot.trajectories(trial, "knee_pain")

# %% [markdown]
# What the mixed model says, and beside it the difference, to the same scale: the gap between the
# arms is the length of the difference.

# %%
ax = bw.plot.means(analysis, "E1")

# %%
ax = bw.plot.raincloud(trial, "womac_function")

# %%
ax = bw.plot.estimation(analysis, "E1")

# %% [markdown]
# Who became better by at least how much. Who has no value counts as not better.

# %%
ax = bw.plot.responders(trial, "knee_pain")

# %%
ax = bw.plot.ancova(analysis, "E1")

# %% [markdown]
# ## Does the answer hold?

# %%
ax = bw.plot.sensitivity(analysis, "E1")

# %%
ax = bw.plot.subgroups(analysis, "E1")

# %%
ax = bw.plot.tipping(analysis, "E1")

# %%
figure = bw.plot.residuals(analysis, "E1")

# %% [markdown]
# ## The people

# %%
ax = bw.plot.flow(trial)

# %%
ax = bw.plot.missingness(trial, "knee_pain")

# %%
ax = bw.plot.adherence(trial)

# %%
ax = bw.plot.adherence(trial, individuals=False)

# %%
ax = bw.plot.power([0.3, 0.5, 0.8])

# %% [markdown]
# ## The published record

# %%
ledger = bw.reproduce()
ax = bw.plot.forest(ledger, "pain")

# %%
ax = bw.plot.funnel(ledger, "pain")

# %%
ax = bw.plot.verdicts(ledger)

# %% [markdown]
# ## Movement

# %%
motion = bw.analyse_motion(bw.example("motion"))
figure = bw.plot.curves(motion, test="baseline-adjusted")

# %%
ax = bw.plot.coupling(motion, direction="backward")

# %%
figure = bw.plot.coupling(motion, kind="area", direction="backward")

# %%
ax = bw.plot.coupling(motion, kind="loop", direction="backward")

# %% [markdown]
# ## Your theme
# Type, grid and colours are those of seaborn or matplotlib. Words in an arm's colour are darkened
# until they can be read.

# %%
sns.set_theme(style="darkgrid", palette="Set2")
ax = bw.plot.trajectories(trial, "knee_pain")

# %%
ax = bw.plot.estimation(analysis, "E1")

# %%
ax = bw.plot.forest(ledger, "pain")

# %% [markdown]
# ## The reports' style
# For one picture `style="report"`; for several, a `with` block.

# %%
with bw.plot.style("report"):
    bw.plot.trajectories(trial, "knee_pain")
    bw.plot.estimation(analysis, "E1")
    bw.plot.forest(ledger, "pain")

# %% [markdown]
# ## Several on one figure
# Axes-level functions: hand over the axes, title and save the figure yourself.

# %%
sns.set_theme(style="ticks", palette="colorblind", font_scale=0.8)
figure, panels = plt.subplots(2, 2, figsize=(11, 7.5))
bw.plot.trajectories(trial, "knee_pain", ax=panels[0, 0])
bw.plot.means(analysis, "E1", ax=panels[0, 1])
bw.plot.responders(trial, "knee_pain", ax=panels[1, 0])
bw.plot.raincloud(trial, "knee_pain", ax=panels[1, 1])
for letter, panel in zip("ABCD", panels.flat, strict=True):
    panel.text(-0.08, 1.12, letter, transform=panel.transAxes, fontweight="bold")
