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
# # Mixed models for repeated measures
#
# A trial in ten cells, from the data to the effect at each visit; then what Kenward-Roger changes
# in a trial of 26 people; then a model of slopes on which statsmodels goes wrong.
#
# The trial is the FEV example of R's mmrm, when its file lies beside the checkout; otherwise a
# simulated pain trial that ships with the project. The cells are the same.

# %%
# %matplotlib inline
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

import backwalk_stats as bw

shipped = bw.example("mixed")
root = Path(bw.__file__).parents[1]
fev_file = root.parent / "shared" / "reference" / "fev_data.csv"


def pain_trial(name: str) -> pd.DataFrame:
    """Levels in the order that the comparisons want: forward and the first visit come first."""
    frame = pd.read_csv(shipped / name)
    frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    frame["visit"] = pd.Categorical(frame["visit"], ["W02", "W04", "W08", "W12"])
    return frame


# %% [markdown]
# ## 1. The data
# One row for each person and visit. Rows without an outcome may stay: the model uses the
# others of that person.

# %%
if fev_file.exists():
    data = pd.read_csv(fev_file)
    data["ARMCD"] = pd.Categorical(data["ARMCD"], ["PBO", "TRT"])
    data["SEX"] = pd.Categorical(data["SEX"], ["Male", "Female"])
    outcome, formula = "FEV1", "FEV1 ~ RACE + SEX + ARMCD * AVISIT"
    person, visit, arm = "USUBJID", "AVISIT", "ARMCD"
else:
    data = pain_trial("trial_n200.csv")
    outcome, formula = "pain", "pain ~ base * visit + arm * visit"
    person, visit, arm = "id", "visit", "arm"
data.head()

# %% [markdown]
# ## 2. What is missing

# %%
seen = data[data[outcome].notna()]
pd.crosstab(seen[visit], seen[arm])

# %% [markdown]
# ## 3. The model
# A mean for each arm and visit, covariates, and a covariance matrix of the visits that is free
# (`us`). REML and Satterthwaite's df are the defaults.

# %%
fit = bw.mmrm(formula, data, person, visit, covariance="us")
fit.coefficients().round(4)

# %% [markdown]
# ## 4. Read this first
# `converged` and `notes` before any p-value.

# %%
fit.stats

# %% [markdown]
# ## 5. How visits go together

# %%
spread = np.sqrt(np.diag(fit.covariance))
labels = pd.Index(fit.visits)
correlation = pd.DataFrame(fit.covariance / np.outer(spread, spread), labels, labels)
correlation.assign(SD=spread).round(2)

# %% [markdown]
# ## 6. Adjusted means
# Other factors weighed equally, covariates at their mean.

# %%
means = fit.marginal_means(arm, by=visit)
means[[arm, visit, "estimate", "std_error", "df", "conf_low", "conf_high"]].round(2)

# %% [markdown]
# ## 7. The effect at each visit
# The later arm minus the first.

# %%
effects = fit.contrasts(arm, by=visit)
effects.round(4)

# %% [markdown]
# ## 8. A picture

# %%
figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for shift, (name, one) in zip((-0.05, 0.05), means.groupby(arm, sort=False), strict=True):
    error = [one["estimate"] - one["conf_low"], one["conf_high"] - one["estimate"]]
    place = np.arange(len(one)) + shift
    axes.errorbar(place, one["estimate"], yerr=error, marker="o", capsize=3, label=name)
axes.set_xticks(range(len(fit.visits)), fit.visits)
axes.set_ylabel(f"{outcome}, adjusted mean and 95 % interval")
axes.legend(frameon=False, title=arm)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## 9. Joint tests
# Type III: each term beside all others.

# %%
fit.anova().round(4)

# %% [markdown]
# ## 10. Does the answer hang on the covariance?
# The effect at the last visit under other structures, and with a standard error that does not
# trust the structure. AIC: lower is better.

# %%
rows = []
for covariance, vcov in [
    ("us", "model"),
    ("toeph", "model"),
    ("ar1h", "model"),
    ("cs", "model"),
    ("us", "robust-cr2"),
    ("cs", "robust-cr2"),
]:
    other = bw.mmrm(formula, data, person, visit, covariance=covariance, vcov=vcov)
    last = other.contrasts(arm, by=visit).iloc[-1]
    rows.append({"covariance": covariance, "vcov": vcov, "aic": other.stats.aic, **last})
columns = ["covariance", "vcov", "aic", "estimate", "std_error", "df", "p_value"]
pd.DataFrame(rows)[columns].round(4)

# %% [markdown]
# # What Kenward-Roger changes with 26 people
# The first 26 people of the shipped trial, the effect at each visit, in three ways: the normal
# distribution (what most Python packages do), Satterthwaite's df, and Kenward-Roger, which
# also widens the standard error for the covariance having been estimated.

# %%
trial = pain_trial("trial_n200.csv")
few = trial[trial["id"].isin(sorted(trial["id"].unique())[:26])]
model = "pain ~ base + arm * visit"
satterthwaite = bw.mmrm(model, few, "id", "visit").contrasts("arm", by="visit")
kenward_roger = bw.mmrm(model, few, "id", "visit", df="kenward-roger").contrasts("arm", by="visit")
pd.DataFrame(
    {
        "visit": satterthwaite["visit"],
        "estimate": satterthwaite["estimate"],
        "SE": satterthwaite["std_error"],
        "SE, Kenward-Roger": kenward_roger["std_error"],
        "df": kenward_roger["df"],
        "p, normal": 2 * stats.norm.sf(satterthwaite["statistic"].abs()),
        "p, Satterthwaite": satterthwaite["p_value"],
        "p, Kenward-Roger": kenward_roger["p_value"],
    }
).round(4)

# %% [markdown]
# One trial shows a difference, not who is right. So: 200 trials of 26 people in which the arms do
# not differ, four visits, one in five gone at the end. How often does the joint test of arm x
# visit call 5 % significance?


# %%
def without_effect(rng: np.random.Generator) -> pd.DataFrame:
    """Visits with growing spread that correlate as 0.7 to the lag; people leave for good."""
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    sd = np.linspace(1.0, 1.6, 4)
    values = rng.normal(size=(26, 4)) @ np.linalg.cholesky(np.outer(sd, sd) * 0.7**lag).T
    leaves = rng.random((26, 4)) < 1 - 0.8 ** (1 / 3)
    leaves[:, 0] = False
    who, when = np.nonzero(np.cumsum(leaves, axis=1) == 0)
    frame = pd.DataFrame({"id": who, "visit": when, "pain": values[who, when]})
    return frame.astype({"visit": str}).assign(arm=(who % 2).astype(str))


calls = {"chi-square": 0, "Satterthwaite": 0, "Kenward-Roger": 0}
trials, converged = 200, 0
for seed in range(trials):
    simulated = without_effect(np.random.default_rng(seed))
    own = bw.mmrm("pain ~ arm * visit", simulated, "id", "visit")
    converged += own.stats.converged
    plain = own.anova().iloc[-1]
    adjusted = bw.mmrm("pain ~ arm * visit", simulated, "id", "visit", df="kenward-roger").anova()
    normal = stats.chi2.sf(plain["statistic"] * plain["df_num"], plain["df_num"])
    calls["chi-square"] += normal < 0.05
    calls["Satterthwaite"] += plain["p_value"] < 0.05
    calls["Kenward-Roger"] += adjusted.iloc[-1]["p_value"] < 0.05

print(f"{converged} of {trials} fits converged; significant at 5 % although nothing differs:")
for name, count in calls.items():
    low, high = stats.binomtest(int(count), trials).proportion_ci(method="wilson")
    print(f"{name:<14} {count / trials:6.1%}   (95 % interval {low:.1%} to {high:.1%})")
assert calls["Kenward-Roger"] < calls["chi-square"]

# %% [markdown]
# # Where statsmodels goes wrong
# Pain on weeks 2 to 12, a random intercept and slope for each person. Both programs maximise the
# same restricted likelihood, so the higher log-likelihood is nearer the truth; R's lme4 gives
# the first of each pair. Below its optimum the standard errors are those of another model.
# Besides, statsmodels has z tests only.

# %%
comparison = []
for people in (40, 200):
    part = trial[trial["id"].isin(sorted(trial["id"].unique())[:people])].dropna()
    ours = bw.lmm("pain ~ arm * week + (week | id)", part, df="kenward-roger")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = smf.mixedlm("pain ~ arm * week", part, groups=part["id"], re_formula="~week").fit()
    slope = ours.coefficients().iloc[-1]
    comparison += [
        {
            "people": people,
            "program": "backwalk_stats",
            "log-likelihood": ours.stats.loglik,
            "says converged": ours.stats.converged,
            "arm x week": slope["estimate"],
            "SE": slope["std_error"],
            "df": slope["df"],
            "p": slope["p_value"],
        },
        {
            "people": people,
            "program": "statsmodels",
            "log-likelihood": theirs.llf,
            "says converged": theirs.converged,
            "arm x week": theirs.params["arm[T.backward]:week"],
            "SE": theirs.bse["arm[T.backward]:week"],
            "df": np.inf,
            "p": theirs.pvalues["arm[T.backward]:week"],
        },
    ]
table = pd.DataFrame(comparison).round(4)
higher = table["log-likelihood"].to_numpy()
assert (higher[0::2] >= higher[1::2] - 1e-6).all()
table

# %% [markdown]
# The formulas: [`docs/methods/`](../docs/methods/). What agrees with which program, and to how
# many digits: [`docs/agreement.md`](../docs/agreement.md).
