"""Reliability of repeated measurements: against R, by the definitions, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import backwalk_stats as bw
from backwalk_stats.engine.linear.agreement import limits_of_agreement
from backwalk_stats.errors import NotEstimable, UsageError
from tests.models.stored_models import cases, held, prepared, stored


def reliable(data: pd.DataFrame, **choices: Any) -> Any:
    """Return the reliability of sessions by quantity."""
    found = bw.reliability(
        data, participant="id", measurement="session", value="seconds", **choices
    )
    return found.set_index("quantity", drop=False)


@pytest.mark.parametrize("name", cases("reliability"))
def test_the_stored_reliability_of_r(name):
    case = stored(name)
    data, asked = prepared(case), case["call"]["arguments"]
    found: Any = bw.reliability(data, **asked).set_index("quantity")
    tables, limit = case["tables"], case["tolerance"]
    for row in tables["icc"]:
        own = found.loc[row["quantity"].lower()]
        assert held(own, row, limit) == 4
        assert (own["df_num"], own["df"]) == (row["df1"], row["df2"])
    for row in tables["error"]:
        assert held(found.loc[row["quantity"].lower()], row, limit) == 1
    kinds = [one for one in tables if one.startswith(("bland", "carkeet"))]
    for kind in kinds:
        again = bw.reliability(data, **asked, interval=kind.replace("_", "-"))
        own = again.set_index("quantity")
        for row in tables[kind]:
            assert held(own.loc[row["quantity"]], row, limit) >= 3
    assert ("bias" in found.index) == bool(kinds)


def sessions(seed: int = 1, people: int = 12, times: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    own = rng.normal(8, 2, people)
    return pd.DataFrame(
        {
            "id": np.repeat([f"P{one:02d}" for one in range(people)], times),
            "session": np.tile(np.arange(1, times + 1), people),
            "seconds": (own[:, None] + rng.normal(0, 0.5, (people, times))).ravel(),
        }
    )


def test_by_the_definitions():
    data = sessions(3, 15, 4)
    table = data.pivot(index="id", columns="session", values="seconds").to_numpy()
    n, k = table.shape
    mean = table.mean()
    between = k * ((table.mean(1) - mean) ** 2).sum() / (n - 1)
    across = n * ((table.mean(0) - mean) ** 2).sum() / (k - 1)
    inside = ((table - table.mean(1)[:, None]) ** 2).sum() / (n * (k - 1))
    error = (inside * n * (k - 1) - across * (k - 1)) / ((n - 1) * (k - 1))
    wanted = {
        "icc(1,1)": (between - inside) / (between + (k - 1) * inside),
        "icc(2,1)": (between - error) / (between + (k - 1) * error + k * (across - error) / n),
        "icc(3,1)": (between - error) / (between + (k - 1) * error),
        "icc(1,k)": (between - inside) / between,
        "icc(2,k)": (between - error) / (between + (across - error) / n),
        "icc(3,k)": (between - error) / between,
        "sem_consistency": np.sqrt(error),
        "sem_agreement": np.sqrt(max((across - error) / n, 0.0) + error),
        "mdc95_agreement": stats.norm.ppf(0.975)
        * np.sqrt(2 * (max((across - error) / n, 0.0) + error)),
    }
    found = reliable(data)["estimate"]
    assert found[list(wanted)].to_numpy() == pytest.approx(list(wanted.values()), rel=1e-10)


def test_the_exact_limits_cover_the_true_ones():
    rng = np.random.default_rng(8)
    true, hits, draws = stats.norm.ppf(0.975), np.zeros(2), 2000
    for _ in range(draws):
        found = limits_of_agreement(rng.normal(0, 1, 8), interval="carkeet", level=0.9)
        hits += (found.conf_low[1:] <= [-true, true]) & ([-true, true] <= found.conf_high[1:])
    assert np.abs(hits / draws - 0.9).max() < 4 * np.sqrt(0.09 / draws)


def test_order_and_units():
    data = sessions(5)
    found = reliable(data)
    turned = reliable(data.assign(session=3 - data["session"]))
    assert turned.loc["bias", "estimate"] == pytest.approx(-found.loc["bias", "estimate"])
    assert turned.loc["limit_low", "conf_low"] == pytest.approx(
        -found.loc["limit_high", "conf_high"]
    )
    assert found.loc["bias", "contrast"] == "2 - 1"
    tenfold = reliable(data.assign(seconds=10 * data["seconds"]))
    tenfold = tenfold["estimate"] / found["estimate"]
    assert tenfold.filter(like="icc").to_numpy() == pytest.approx(1.0)
    assert tenfold.filter(regex="sem|mdc|bias|limit").to_numpy() == pytest.approx(10.0)


def test_missing_cells_are_told():
    data = sessions(6)
    data.loc[3, "seconds"] = np.nan
    found = reliable(data.drop(index=10))
    assert "2 of 12 participants left out: a measurement is missing" in found["notes"].iloc[0]
    kept = data[~data["id"].isin(["P01", "P05"])]
    pd.testing.assert_frame_equal(found.drop(columns="notes"), reliable(kept).drop(columns="notes"))


def test_text_without_an_order_is_told():
    data = sessions(7)
    data["session"] = data["session"].map({1: "Smith", 2: "Jones"})
    found = reliable(data)
    assert "alphabetical order" in found["notes"].iloc[0]
    assert found["contrast"].iloc[-1] == "Smith - Jones"


def test_a_negative_variance_between_measurements_is_told():
    data = sessions(9, 20, 3)
    centred = data["seconds"] - data.groupby("session")["seconds"].transform("mean")
    found = reliable(data.assign(seconds=centred + 8))
    assert found.loc["sem_agreement", "estimate"] == found.loc["sem_consistency", "estimate"]
    assert found.loc["sem_within", "estimate"] < found.loc["sem_consistency", "estimate"]
    assert "estimated as 0" in found["notes"].iloc[0]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            lambda d: pd.concat([d, d.iloc[[0]]]),
            UsageError,
            "1 rows repeat the same id and session",
        ),
        (lambda d: d[d["session"] == 1], UsageError, "needs two measurements"),
        (lambda d: d.iloc[:4], NotEstimable, "at least 3"),
        (lambda d: d.assign(seconds=np.nan), UsageError, "seconds"),
        (lambda d: d.assign(seconds=d["session"] * 1.0), NotEstimable, "no error"),
        (lambda d: d.assign(seconds="fast"), UsageError, "seconds"),
        (lambda d: d.drop(columns="id"), UsageError, "no column named id"),
    ],
)
def test_what_has_no_reliability_is_refused(change, kind, message):
    with pytest.raises(kind, match=message) as raised:
        reliable(change(sessions(2)))
    assert "P00" not in str(raised.value)


def test_an_interval_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="it is one of bland-altman"):
        reliable(sessions(), interval="exact")
