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
# # Real public trials through the same doors
#
# Trials of other conditions, whose results others have computed: what R gives stands beside what
# comes out here. Two files travel with the project (their licences are in
# `data/public_trials/README.md`); a third one is read from your own copy where you have it.

# %%
import os
from hashlib import sha256
from pathlib import Path

import pandas as pd

import backwalk_stats as bw

folder = Path(bw.__file__).parents[1] / "data" / "public_trials"

# %% [markdown]
# ## 1. Cervical dystonia: three arms, six visits
# 109 people at nine sites; the total score of TWSTRS runs from 0 to 87, lower is better. The ids
# begin at 1 in each site, so that site and id together are a person. The codes of the arms are
# those
# of the value labels in the data: 1 is 10,000 units. The help page of the source names them the
# other
# way round: whoever follows it finds that the placebo works.

# %%
dystonia = pd.read_csv(folder / "cdystonia.csv")
dystonia["person"] = dystonia["site"].astype(str) + "-" + dystonia["id"].astype(str)
names = {3: "placebo", 2: "5,000 U", 1: "10,000 U"}
dystonia["arm"] = pd.Categorical(dystonia["treat"].map(names), list(names.values()))
start = dystonia[dystonia["week"] == 0].set_index("person")["twstrs"]
later = dystonia[dystonia["week"] > 0].copy()
later["base"] = later["person"].map(start)
later["week"] = pd.Categorical(later["week"], [2, 4, 8, 12, 16])
later.groupby(["arm", "week"], observed=True)["twstrs"].agg(["count", "mean"]).unstack().round(1)

# %%
fit = bw.mmrm(
    "twstrs ~ base + arm * week", later, participant="person", visit="week",
    covariance="us", df="kenward-roger-linear",
)  # fmt: skip
found = fit.contrasts("arm", by="week")
found

# %% [markdown]
# R's mmrm 0.3.18 (`mmrm(twstrs ~ base + arm*v + us(v|uid))`, Kenward-Roger linear) prints for
# 10,000
# units against placebo:

# %%
printed = {2: ("-7.116", "0.00085"), 4: ("-7.303", "0.00033"), 8: ("-5.722", "0.0069"),
           12: ("-1.779", "0.37"), 16: ("2.204", "0.30")}  # fmt: skip


def same(ours: float, text: str) -> str:
    """Whether our number is the printed one at the digits that were printed."""
    decimals = len(text.partition(".")[2])
    return "reproduced" if f"{ours:.{decimals}f}" == text else "not_reproduced"


rows = found[found["contrast"] == "10,000 U - placebo"]
pd.DataFrame(
    {
        "week": list(printed),
        "printed": [estimate for estimate, _ in printed.values()],
        "ours": [round(one, 3) for one in rows["estimate"]],
        "verdict": [
            same(one, text)
            for one, (text, _) in zip(rows["estimate"], printed.values(), strict=True)
        ],
        "printed p": [p for _, p in printed.values()],
        "our p": [float(f"{one:.2g}") for one in rows["p_value"]],
    }
)

# %% [markdown]
# ## 2. Depression: people who leave
# 172 people, drug or placebo; change of the Hamilton score by visit, lower is better. The baseline
# stands in every row.

# %%
depression = pd.read_csv(folder / "antidepressant.csv", dtype={"PATIENT": str, "POOLINV": str})
depression["THERAPY"] = pd.Categorical(depression["THERAPY"], ["PLACEBO", "DRUG"])
depression["VISIT"] = pd.Categorical(depression["VISIT"], [4, 5, 6, 7])
fit = bw.mmrm(
    "CHANGE ~ THERAPY * VISIT + BASVAL * VISIT", depression, participant="PATIENT",
    visit="VISIT", covariance="us", df="kenward-roger-linear",
)  # fmt: skip
at_end = fit.contrasts("THERAPY", by="VISIT").iloc[[-1]]
at_end

# %%
print("mmrm in R prints -2.802 (p 0.0131):", same(float(at_end["estimate"].iloc[0]), "-2.802"))

# %% [markdown]
# ### What a paper's sentence says by itself
# The ledger reads the sentence alone: does p go with estimate and interval?

# %%
bw.check_text("The difference was -2.80 (95% CI -5.01 to -0.60, p = 0.013).")

# %% [markdown]
# ## 3. Headache: your own copy
# The acupuncture trial of Vickers (BMJ 2004;328:744) has no licence that lets it travel along. Put
# `acupuncture.csv` somewhere, name its folder in the environment variable `PUBLIC_TRIALS`, and run
# the cells again. BMJ prints 4.6 (2.2 to 7.0), P = 0.0002 in favour of acupuncture at month 12.

# %%
KNOWN = "c0b5c07b01f976c04564a544"
own = Path(os.environ.get("PUBLIC_TRIALS", "nowhere")) / "acupuncture.csv"
if not own.is_file():
    print("acupuncture.csv is not here: this part is left out")
elif not sha256(own.read_bytes()).hexdigest().startswith(KNOWN):
    print("acupuncture.csv is another file than the one that these numbers are for")
else:
    headache = pd.read_csv(own, encoding="utf-8-sig")
    headache["group"] = pd.Categorical(headache["group"].map({0: "usual", 1: "needles"}),
                                       ["usual", "needles"])  # fmt: skip
    row = bw.ancova(
        headache, outcome="pk5", arm="group", baseline="pk1", participant="id",
        covariates=["age", "sex", "migraine", "chronicity"],
    ).iloc[0]  # fmt: skip
    for text, ours in (("4.6", -row["estimate"]), ("2.2", -row["conf_high"]),
                       ("7.0", -row["conf_low"]), ("0.0002", row["p_value"])):  # fmt: skip
        print(text, round(ours, 4), same(ours, text))
    print("The paper's model is read from its text; a last digit that differs accuses nobody.")
