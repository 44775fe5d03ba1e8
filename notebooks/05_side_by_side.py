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
# # The same trial with statsmodels and pingouin
#
# Every analysis of the simulated knee trial that three libraries can do, side by side: where they
# agree, to how many digits, and where one of them answers another question than was asked.
# The people are invented; nothing here is evidence on backward walking.

# %%
import warnings

import numpy as np
import pandas as pd
import pingouin as pg
import statsmodels.formula.api as smf

import backwalk_stats as bw

trial = bw.load_trial(bw.example("knee"))
wide = (
    trial.data.query("outcome == 'knee_pain'")
    .pivot(index=["participant", "arm"], columns="visit", values="value")
    .reset_index()
    .merge(trial.participants[["participant", "age"]], on="participant")
)
wide.columns.name = None
wide["arm"] = pd.Categorical(wide["arm"].astype(str), ["forward", "backward"])
wide[["arm", "W0", "W3", "W6"]].groupby("arm", observed=True).agg(["count", "mean"]).round(2)


# %%
def beside(**answers: pd.Series) -> pd.DataFrame:
    """Estimate, interval and p of several libraries, a row each."""
    columns = ["estimate", "conf_low", "conf_high", "p_value", "df"]
    return pd.DataFrame({name: row.reindex(columns) for name, row in answers.items()}).T


def digits(one: float, other: float) -> float:
    """How many significant digits two numbers share, whole ones and no more than 14.

    What lies beyond depends on the order in which a machine adds.
    """
    return 14.0 if one == other else min(14.0, np.floor(-np.log10(abs(one / other - 1))))


# %% [markdown]
# ## 1. Analysis of covariance: all three agree
# Week 6, adjusted for baseline and age. The difference is backward minus forward; below zero is
# less pain.

# %%
ours = bw.ancova(
    wide, outcome="W6", arm="arm", baseline="W0", covariates=["age"], participant="participant"
).iloc[0]
known = wide.dropna(subset=["W6"])
theirs = bw.tidy(smf.ols("W6 ~ W0 + age + arm", known).fit()).set_index("term").loc["armbackward"]
coded = known.assign(backward=(known["arm"] == "backward").astype(float))
third = bw.tidy(pg.linear_regression(coded[["W0", "age", "backward"]], coded["W6"]))
third = third.set_index("names").loc["backward"]
beside(backwalk_stats=ours, statsmodels=theirs, pingouin=third)

# %%
print("shared digits:", digits(ours["estimate"], theirs["estimate"]), "(statsmodels),",
      digits(ours["estimate"], third["estimate"]), "(pingouin)")  # fmt: skip

# %% [markdown]
# ## 2. Change within an arm: a trap in pingouin
# `pingouin.ttest(paired=True)` with two columns of different length turns into an unpaired test and
# only warns. Here the lengths differ as soon as missing values are dropped from each column by
# itself.

# %%
arm = wide[wide["arm"] == "backward"]
pairs = arm.dropna(subset=["W0", "W6"])
right = pg.ttest(pairs["W6"], pairs["W0"], paired=True)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    wrong = pg.ttest(arm["W6"].dropna(), arm["W0"].dropna(), paired=True)
within = bw.within_arm(
    wide, outcome="W6", baseline="W0", arm="arm", participant="participant"
).set_index("arm")
pd.DataFrame(
    {
        "df": [within.loc["backward", "df"], right["dof"].iloc[0], wrong["dof"].iloc[0]],
        "p": [within.loc["backward", "p_value"], right["p_val"].iloc[0], wrong["p_val"].iloc[0]],
    },
    index=["backwalk_stats", "pingouin, complete pairs", "pingouin, columns as they are"],
)

# %% [markdown]
# The third row is another test. Ours drops the pair, says how many, and stays paired.
#
# ## 3. The mixed model: z for t, and no Kenward-Roger
# `statsmodels.MixedLM` has random effects and normal quantiles. With 55 people its intervals are
# too
# narrow; a trial of 26 shows it plainly.

# %%
long = wide.melt(
    id_vars=["participant", "arm", "age", "W0"], value_vars=["W3", "W6"],
    var_name="visit", value_name="pain",
).dropna(subset=["pain"])  # fmt: skip
long["visit"] = pd.Categorical(long["visit"], ["W3", "W6"])
formula = "pain ~ W0 + age + arm * visit"
lmm = bw.lmm(f"{formula} + (1 | participant)", long, df="kenward-roger")
sm = smf.mixedlm(formula, long, groups="participant").fit()
name = "armbackward:visitW6"
a = lmm.coefficients().set_index("term").loc[name]
b = bw.tidy(sm).set_index("term").loc[name]
beside(backwalk_stats=a, statsmodels=b)

# %% [markdown]
# The estimates agree; p and interval differ because the one counts degrees of freedom and the other
# has none. How much that matters depends on size:

# %%
rng = np.random.default_rng(11)
people = rng.permutation(long["participant"].unique())[:18]
small = long[long["participant"].isin(people)]
fits = {
    "backwalk_stats": bw.lmm(f"{formula} + (1 | participant)", small, df="kenward-roger"),
    "statsmodels": smf.mixedlm(formula, small, groups="participant").fit(),
}
beside(**{key: bw.tidy(fit).set_index("term").loc["armbackward"] for key, fit in fits.items()})

# %% [markdown]
# ## 4. Mixed analysis of variance: who is counted
# `pingouin.mixed_anova` leaves out everybody with a missing visit, without a word.

# %%
every = wide.melt(
    id_vars=["participant", "arm"], value_vars=["W0", "W3", "W6"],
    var_name="visit", value_name="pain",
)  # fmt: skip
theirs = pg.mixed_anova(every, dv="pain", within="visit", between="arm", subject="participant")
ours = bw.mixed_anova(every, value="pain", visit="visit", arm="arm", participant="participant")
print("people with a value:", every.dropna()["participant"].nunique())
print("pingouin's error df between people:", int(theirs.set_index("Source").loc["arm", "DF2"]),
      "(so", int(theirs.set_index("Source").loc["arm", "DF2"]) + 2, "people)")  # fmt: skip
ours

# %% [markdown]
# ## 5. Ranks with ties
# Pain scores from 0 to 10 are full of ties; the frame says how its p-value was found.

# %%
one, other = (known.loc[known["arm"] == which, "W6"] for which in ("backward", "forward"))
ranks = bw.rank_based(known, outcome="W6", arm="arm", participant="participant")
mwu = pg.mwu(one, other)
print("pingouin, scores at week 6: p =", round(float(mwu["p_val"].iloc[0]), 4))
ranks

# %% [markdown]
# ## What to take from it
# | question | statsmodels | pingouin | backwalk_stats |
# |---|---|---|---|
# | ANCOVA | the same digits | the same digits | the same, with n by arm and what was dropped |
# | paired change | | unpaired when lengths differ | stays paired, says who is missing |
# | mixed model | z, no small-sample inference | | Satterthwaite, Kenward-Roger |
# | mixed ANOVA | | complete people only, silently | says how many |
# | results as a frame | `bw.tidy(fit)` | `bw.tidy(frame)` | already one |
