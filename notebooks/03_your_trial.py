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
# # Your trial
#
# From a folder with a trial file and a data sheet to the answer, the numbers and the report. The
# trial here is **SIMULATED**: 60 invented people with knee osteoarthritis who walk backwards or
# forwards for six weeks. Nothing in it is evidence.
#
# In a terminal the same is `backwalk init`, `backwalk check` and `backwalk analyse`.

# %%
import shutil
import tempfile
from pathlib import Path

import pandas as pd

import backwalk_stats as bw

scratch = Path(tempfile.mkdtemp())
example = bw.example("knee")

# %% [markdown]
# ## 1. Begin
# `init` makes a folder with a commented trial file, an empty data sheet and a notebook. The trial
# file is the plan: arms, visits, which column is what, and what is to be estimated.

# %%
begun = bw.new_trial(scratch / "my_trial")
print(*sorted(path.name for path in begun.iterdir()))
print((begun / "trial.toml").read_text(encoding="utf-8")[:700])

# %% [markdown]
# ## 2. Check
# Sheets come with slips of the hand. Here are three, made on purpose in a copy of the example: a
# score that the scale does not have, a decimal comma, a code that nobody has declared. `check`
# lists every fault by line and column, and never shows a value.

# %%
folder = scratch / "example"
shutil.copytree(example, folder)
sheet = pd.read_csv(folder / "scores.csv", dtype=str, keep_default_na=False)
slips = sheet.copy()
slips.loc[3, "nprs_w0"], slips.loc[5, "bw3m_w3"], slips.loc[8, "nprs_w6"] = "11", "6,5", "-9"
slips.to_csv(folder / "scores.csv", index=False)

faults, _ = bw.check_trial(folder / "trial.toml")
for fault in faults:
    print(fault)

# %% [markdown]
# Once they are put right, there is no fault. The log says what loading did and what looks odd:
# nothing is repaired in silence.

# %%
sheet.to_csv(folder / "scores.csv", index=False)
faults, log = bw.check_trial(folder / "trial.toml")
print(len(faults), "faults")
log

# %%
trial = bw.load_trial(folder / "trial.toml")
trial.data.groupby(["outcome", "visit", "arm"], observed=True)["value"].agg(
    ["count", "mean", "std"]
)

# %% [markdown]
# ## 3. Analyse
# One call does all that the trial file asks for. The answers are sentences, with unit and
# direction; where an interval includes no difference they say so.

# %%
analysis = bw.analyse(trial)
for asked, answer in zip(trial.estimands, analysis.answers, strict=False):
    print(f"{asked.id}: {answer}", end="\n\n")

# %% [markdown]
# `results` is a tidy frame: one row an estimate, whatever the analysis. A difference is the first
# arm minus the second. E4 to E7 are about the same pain, with other values after events: section 5.

# %%
results = analysis.results
numbers = ["estimate", "std_error", "df", "conf_low", "conf_high", "p_value"]
main = results.query("analysis == 'mmrm' and quantity == 'mean_difference' and visit == 'W6'")
main[["estimand", "outcome", "contrast", *numbers, "n", "n_reference"]].round(3)

# %% [markdown]
# ## 4. Does the answer hang on what was not seen?
# The same question under other beliefs. Imputation by the course of forward walking ("jump to
# reference") is deliberately unkind to backward walking.

# %%
same = results.query("estimand == 'E1' and visit == 'W6' and contrast == 'backward - forward'")
same = same[same["quantity"].isin(["mean_difference", "change_difference", "hodges_lehmann"])]
same[["analysis", "estimate", "conf_low", "conf_high", "p_value", "note"]].round(3)

# %% [markdown]
# The figures and tables of the report are at hand by name. This is the forest of the primary
# estimand; the estimates are in points of pain, left of zero in favour of backward walking.

# %%
analysis.figures["sensitivity_e1"]

# %% [markdown]
# How far would the missing scores of the backward arm have to be worse than expected before the
# conclusion changes? The tipping point says it.

# %%
tipping = results.query("estimand == 'E1' and analysis == 'tipping-point'")
print(*tipping["note"].unique(), sep="\n")

# %% [markdown]
# ## 5. What becomes of those who stopped?
# Some stopped the walks, took rescue medication or were operated on. E1 takes their scores as they
# were measured (treatment policy). The same pain with other values after such an event answers
# other questions: what had been without it (hypothetical), what if having it is as bad as can be
# (composite), what was until then (while on treatment), what if one then went on as the reference.

# %%
how = {one.id: one.events[0][1] for one in trial.estimands if one.outcome == "knee_pain"}
rows = results[
    results["estimand"].isin(list(how)) & results["role"].isin(["primary", "exploratory"])
]
rows = rows[(rows["quantity"] == "mean_difference") & (rows["visit"] == "W6")]
rows = rows.drop_duplicates("estimand").assign(after_events=lambda one: one["estimand"].map(how))
rows[["estimand", "after_events", "estimate", "conf_low", "conf_high", "p_value"]].round(2)

# %% [markdown]
# Harms are counted by people and by events, in everybody of the arm; nothing is tested.

# %%
bw.tables.harms(analysis)

# %% [markdown]
# ## 6. The report
# A folder with HTML, PDF and Word, all figures, all tables and `results.csv`. No participant is in
# it, and no small count; `individuals=True` opens that, for your own eyes.

# %%
written = analysis.report(scratch / "report")
for path in sorted(written.iterdir()):
    print(path.name)

# %% [markdown]
# Two things to change for a trial of your own: the columns in `trial.toml`, and the plan under
# `[[estimand]]`, written before the data are seen. `docs/trial_file.md` has every key.
