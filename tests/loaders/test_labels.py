"""What readers see in place of the names of a trial file."""

from __future__ import annotations

import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.instruments.registry import all_instruments, instrument
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial_file.outcome_scale import default_label
from backwalk_stats.trial.outcome import in_words
from tests.bad_inputs.trials import write_trial


@pytest.mark.parametrize(
    ("name", "code", "scale", "label"),
    [
        ("knee_pain", "nprs", "score", "Knee pain (NPRS, 0 to 10)"),
        ("womac_function", "womac", "function", "WOMAC function (0 to 68)"),
        ("koos_qol", "koos", "qol", "KOOS QOL (0 to 100)"),
        ("odi", "odi", "score", "Oswestry Disability Index (0 to 100%)"),
        ("backward_walk_3m", "3mbwt", "time", "Three-metre backward walk (s)"),
        ("tug", "tug", "score", "Timed Up and Go (s)"),
        ("quad_left", "quad", "force", "Quad left (N)"),
        ("pain", "vas100", "mm", "Pain (VAS, 0 to 100 mm)"),
    ],
)
def test_an_outcome_without_a_label_is_called_by_its_instrument(name, code, scale, label):
    found = instrument(code)
    assert default_label(name, found, found.versions[0].scale(scale)) == label


def test_no_label_of_an_instrument_is_a_raw_name():
    for found in all_instruments():
        for scale in found.versions[0].scales:
            label = default_label(f"{found.code}_{scale.name}", found, scale)
            assert "_" not in label
            assert label[:1] == label[:1].upper()


@pytest.mark.parametrize(
    ("name", "words"), [("kl_grade", "KL grade"), ("bmi", "BMI"), ("age", "Age"), ("W6", "W6")]
)
def test_acronyms_have_capitals(name, words):
    assert in_words(name) == words


def test_the_trial_file_names_covariates(tmp_path):
    path = write_trial(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[labels]\nsex = "Sex at birth"\n', encoding="utf-8")
    assert load_trial(path).labels == {"sex": "Sex at birth"}
    path.write_text(f'{text}\n[labels]\nheight = "Height"\n', encoding="utf-8")
    with pytest.raises(InputError, match="covariates of"):
        load_trial(path)
