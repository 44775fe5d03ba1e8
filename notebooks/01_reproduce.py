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
# # The published record, recomputed
#
# The same job as `backwalk reproduce`, step by step and in frames. It needs no network, and
# writes only into a temporary folder.

# %%
import tempfile
from pathlib import Path

import pandas as pd
from scipy import stats

import backwalk_stats as bw

pd.set_option("display.max_colwidth", 80)

ledger = bw.reproduce()
ledger

# %% [markdown]
# ## Every printed number that was looked at
# `checks` has one row per printed number, and `origin` says who printed it. `reported` is text, as
# printed. `recomputed_low` and `recomputed_high` are what the rounding of the printed inputs
# allows; the verdict compares the two.

# %%
checks = ledger.checks
print(f"{len(checks)} rows")
pd.crosstab(checks["origin"], checks["verdict"])

# %% [markdown]
# ## What does not hold
# `not_reproduced`: the number does not come out of the other printed numbers.
# `inputs_inconsistent`: these numbers cannot all be right as printed. Neither says who slipped,
# nor where. A number fails only where everything was read that its check needs; one is left, and
# its reason says that it looks cut off instead of rounded.

# %%
fails = checks[checks["verdict"].isin(["not_reproduced", "inputs_inconsistent"])]
fails[["study_id", "outcome", "quantity", "reported", "recomputed", "check", "reason"]]

# %% [markdown]
# ## One number, back to its source
# Each row names its inputs, its formula, and the line of the CSV file that it stands in. This one
# shows why a disagreement can prove nothing: the paper speaks of a change, and prints means of the
# last visit.

# %%
change = checks[checks["outcome"].str.startswith("sway area") & (checks["origin"] == "paper")]
row = change[change["quantity"] == "p_value"].iloc[0]
for field in ("finding_id", "reported", "recomputed", "reason", "inputs", "formula", "source"):
    print(f"{field:<11} {row[field]}")

# %% [markdown]
# The record itself is a set of frames of text; `line` is the line of the file. The t-test can
# be done again without this package.

# %%
record = bw.read_record()
printed = record.outcomes[
    (record.outcomes["study_id"] == row["study_id"])
    & (record.outcomes["outcome"] == "sway area")
    & (record.outcomes["timepoint"] == "week 4")
]
printed[["line", "arm", "outcome", "timepoint", "n", "mean", "sd", "source_location"]]

# %%
arms = printed[["mean", "sd", "n"]].astype(float).to_numpy()
again = stats.ttest_ind_from_stats(*arms[0], *arms[1])
print(f"t = {again.statistic:.3f}, p = {again.pvalue:.3f}; the ledger has {row['recomputed']:.3f}")

# %% [markdown]
# ## The claims of the news story
# Each verdict is worked out from the studies that bear on the claim and from their findings;
# `finding_ids` are keys of `checks`.

# %%
ledger.claims[["claim_id", "claim", "verdict", "explanation"]]

# %%
claim = ledger.claims.iloc[0]
behind = checks[checks["finding_id"].isin(claim["finding_ids"].split(";"))]
behind[["study_id", "contrast", "quantity", "reported", "recomputed", "verdict"]].head(8)

# %% [markdown]
# ## Pooled
# Standardised differences (Hedges' g; **below zero favours backward walking**). The main
# analysis is REML with the Hartung-Knapp interval; `pi_low` and `pi_high` are where the effect
# of a new trial is expected. Most of these trials added backward walking to usual care and
# compared it with usual care alone: the pool tests more exercise as much as it tests the
# direction of walking.

# %%
main = ledger.pooled.query("method == 'reml' and ci == 'hksj' and left_out == ''")
main[
    ["outcome", "pool", "k", "estimate", "conf_low", "conf_high", "pi_low", "pi_high", "i2"]
].round(2)

# %%
ledger.figures["forest_pain"]

# %% [markdown]
# ## Your own numbers
# `meta_analysis` takes any frame with `estimate` and `std_error` (or `variance`). Which trial
# carries the result, `leave_one_out` shows.

# %%
pain = ledger.effects.query("outcome == 'pain' and doubt == ''")
ways = [("common", "z"), ("dl", "z"), ("pm", "z"), ("reml", "z"), ("reml", "hksj")]
table = pd.concat([bw.meta_analysis(pain, method=m, ci=c) for m, c in ways], ignore_index=True)
table[["method", "ci", "k", "estimate", "conf_low", "conf_high", "tau2", "i2"]].round(3)

# %%
bw.leave_one_out(pain)[["left_out", "estimate", "conf_low", "conf_high", "p_value"]].round(3)

# %% [markdown]
# ## Your own evidence
# Three CSV files in a folder: `studies.csv`, `outcomes.csv`, `contrasts.csv`. Everything is
# text, as printed. Here is one invented trial that prints a p-value which its own means and SDs
# do not give.

# %%
work = Path(tempfile.mkdtemp(prefix="backwalk-"))
folder = work / "my_trials"
folder.mkdir()
(folder / "studies.csv").write_text(
    "study_id,citation,design,arms,n_randomised\n"
    "invented2026,Invented example 2026,randomised,backward; forward,40\n"
)
(folder / "outcomes.csv").write_text(
    "study_id,arm,outcome,instrument,unit,timepoint,n,mean,sd\n"
    "invented2026,backward,pain,NPRS,points,week 6,20,3.10,1.37\n"
    "invented2026,forward,pain,NPRS,points,week 6,20,3.60,1.35\n"
)
(folder / "contrasts.csv").write_text(
    "study_id,outcome,arm_a,arm_b,contrast_type,statistic,df,p_value_as_printed,method\n"
    "invented2026,pain,backward,forward,between arms,t=-1.163,38,0.025,independent t-test\n"
)
own = bw.reproduce(evidence=folder)
own.checks[["quantity", "reported", "recomputed", "check", "verdict", "reason"]]

# %% [markdown]
# ## The report
# A name that ends in `.html` or `.pdf` gives that one file; any other name is a folder with the
# report, the ledger as CSV and JSON, the pools, and the figures.

# %%
written = own.report(work / "report")
sorted(str(file.relative_to(work)) for file in written.rglob("*") if file.is_file())
