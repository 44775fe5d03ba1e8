"""Whole-curve tests, alignment and coordination against ../shared/motion/reference_curves.

Its README says where each value comes from: spm1d 0.4.55, scipy 1.17, or every relabelling listed.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import backwalk_stats as bw

TESTED = (
    "one_sample_random_field", "one_sample_greater_random_field", "one_sample_roi_random_field",
    "one_sample_permutation", "one_sample_greater_permutation", "one_sample_less_permutation",
    "one_sample_roi_permutation", "paired_random_field", "paired_permutation",
    "two_sample_random_field", "two_sample_permutation", "welch_permutation",
    "circular_random_field", "not_circular_random_field", "regression_random_field",
    "regression_permutation", "regression_covariate_permutation",
    "two_sample_covariate_permutation", "anova_random_field", "anova_permutation",
    "hotelling_paired_random_field", "hotelling_paired_permutation", "hotelling_two_random_field",
    "hotelling_two_permutation", "cluster_mass_permutation",
)  # fmt: skip
ELSEWHERE = (
    "anova_post_hoc",
    "time_reversal",
    "coordination",
    "events_forward",
    "events_backward",
)
FIELD = 1e-4  # thresholds and cluster p by random fields


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "motion" / "reference_curves"


@pytest.fixture(scope="module")
def inputs(folder):
    return json.loads((folder / "inputs.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def references(folder):
    return json.loads((folder / "references.json").read_text(encoding="utf-8"))


def arrays(inputs, named):
    if isinstance(named, list):
        return [arrays(inputs, one) for one in named]
    group, _, name = named.partition(".")
    return np.array(inputs[group][name])


def answered(one, inputs):
    """Return the test that a reference asks for, from the words of its `call`."""
    told = {key: found[1] for key in ("method", "alternative")
            if (found := re.search(rf'{key}="([^"]+)"', one["call"]))}  # fmt: skip
    more: dict[str, Any] = dict(told)
    if found := re.search(r"permutations=(\d+)", one["call"]):
        more["permutations"] = int(found[1])
    if "roi" in one["inputs"]:
        first, last = one["inputs"]["roi"]
        more["roi"] = (np.arange(101) >= first) & (np.arange(101) <= last)
    if "covariates" in one["inputs"]:
        more["covariates"] = arrays(inputs, one["inputs"]["covariates"])
    if "cluster_threshold" in one:
        more["cluster_threshold"] = one["cluster_threshold"]
    a = arrays(inputs, one["inputs"]["a"])
    b = arrays(inputs, one["inputs"]["b"]) if "b" in one["inputs"] else None
    circular = "circular=True" in one["call"]
    return bw.curve_test(a, b, design=one["design"], circular=circular, **more)


def test_every_reference_has_a_test(references):
    assert set(references) == {*TESTED, *ELSEWHERE}


@pytest.mark.parametrize("name", TESTED)
def test_the_reference_value(name, references, inputs):
    one = references[name]
    found = answered(one, inputs)
    np.testing.assert_allclose(found.statistic, one["statistic"], atol=1e-6, rtol=1e-9)
    np.testing.assert_allclose(np.array(found.df), one["df"], rtol=1e-9)
    for key in ("difference", "conf_low", "conf_high"):
        if key in one:
            np.testing.assert_allclose(getattr(found, key), one[key], atol=1e-6)
    tolerance = FIELD if name.endswith("random_field") else 1e-9
    if "threshold" in one:
        assert found.threshold == pytest.approx(one["threshold"], abs=max(tolerance, 1e-6))
    if "p_value" in one:
        assert found.p_value == pytest.approx(one["p_value"], abs=1e-9)
        assert (found.relabellings, found.exact) == (one["relabellings"], True)
    if "clusters" in one:
        told = found.clusters.to_dict("records")
        for run, wanted in zip(told, one["clusters"], strict=True):
            assert run["start"] == pytest.approx(wanted.get("start", wanted.get("first")), abs=0.02)
            assert run["end"] == pytest.approx(wanted.get("end", wanted.get("last")), abs=0.02)
            assert run["p_value"] == pytest.approx(wanted["p_value"], abs=tolerance)
            if "mass" in wanted:
                assert run["mass"] == pytest.approx(wanted["mass"], abs=1e-6)


def test_pairs_of_groups(references, inputs):
    one = references["anova_post_hoc"]
    groups = arrays(inputs, one["inputs"]["a"])
    found = bw.curve_test(groups, design="anova", permutations=2000).post_hoc
    assert found is not None
    told = found.set_index("pair")
    assert list(told.index) == list(one["pairs"])
    for pair, wanted in one["pairs"].items():
        assert abs(told.loc[pair, "peak"]) == pytest.approx(wanted["largest"], abs=1e-6)
        assert told.loc[pair, "p_value"] == pytest.approx(wanted["p_value"], abs=1e-9)
        far = np.abs(wanted["statistic"]).argmax()
        assert np.sign(told.loc[pair, "peak"]) == np.sign(wanted["statistic"][far])


def test_time_turned_round_and_aligned(references, inputs):
    one, given = references["time_reversal"], inputs["time_reversal"]
    forward, backward = np.array(given["forward"]), np.array(given["backward"])
    off_forward, off_backward = given["off_forward"], given["off_backward"]
    turned = bw.align_curves(backward, off_backward, reverse=True)
    found = {
        "reversed_backward": bw.align_curves(backward, reverse=True),
        "aligned_forward": bw.align_curves(forward, off_forward),
        "aligned_backward": bw.align_curves(backward, off_backward, to=60),
        "aligned_reversed_backward": turned,
    }
    for name, curves in found.items():
        np.testing.assert_allclose(curves, one[name], atol=1e-9)
    t = {
        "own_time": bw.curve_test(backward, forward, design="paired"),
        "reversed": bw.curve_test(found["reversed_backward"], forward, design="paired"),
        "aligned_reversed": bw.curve_test(turned, found["aligned_forward"], design="paired"),
    }
    for name, test in t.items():
        assert test.p_value == pytest.approx(one["paired_exact_p"][name], abs=1e-9)
        wanted = np.array(one[f"paired_t_{name}"])
        sign = np.sign(test.statistic @ wanted)  # the reference may take forward minus backward
        np.testing.assert_allclose(sign * test.statistic, wanted, atol=1e-6, rtol=1e-9)
