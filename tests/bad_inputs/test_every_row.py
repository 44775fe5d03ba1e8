"""Every row of the list of bad inputs has a test: named after it, or named here."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.bad_inputs.row_names import read_rows, row_name

TESTS = Path(__file__).parents[1]
# Rows whose test stands with the code that it is about, under the name that fits there.
ELSEWHERE = {
    "Zero variance in both arms": "engine/test_p_value.py::test_no_variation_has_no_test",
    "All paired differences 0": "models/test_changes.py::test_refusals_say_what_is_wrong",
    "Negative or zero SD / SE>SD / n=0 in summary data":
        "bad_inputs/test_summary_tables.py::test_a_wrong_cell",
    "SE reported as SD (factor sqrt n)":
        "ledger/test_checks_of_counts.py::test_grimmer_and_sd_bounds_against_every_sample",
    "Impossible mean/SD/n on the scale":
        "ledger/test_checks_of_counts.py::test_grim_published_example",
    "|r|>1 derived from SD(change)":
        "engine/test_paired.py::test_sds_that_cannot_all_be_right_give_a_correlation_beyond_one",
    "Collinear covariates": "models/test_refusals.py::test_collinear_columns_are_named",
    "Near-collinear (cond>1e8) / huge offset (1e9+x)":
        "engine/test_least_squares.py::test_a_covariate_far_from_zero_is_not_called_collinear",
    "Singleton group/site, empty cell in arm x visit":
        "models/test_refusals.py::test_an_empty_cell_is_named",
    "Model does not converge":
        "models/test_refusals.py::"
        "test_a_fit_that_did_not_converge_gives_no_p_value_and_says_what_to_try",
    "Variance component on the boundary":
        "models/test_refusals.py::test_a_zero_variance_is_reported_as_singular",
    "Unidentifiable random slope (2 obs/person)":
        "models/test_refusals.py::test_random_effects_that_the_rows_cannot_identify",
    "Perfect separation (responder model)":
        "models/test_firth.py::test_two_arms_are_half_added_to_every_cell",
    "p=0.000, p<0.05, 'NS', p>1 in published input":
        "bad_inputs/test_summary_tables.py::test_stat_p_values_as_papers_print_them",
    "CI not containing estimate; CI asymmetric for a mean difference":
        "engine/test_confidence_interval.py::test_asymmetry_has_a_direction",
    "Symlink in output folder": "report/test_write.py::test_nothing_is_written_through_a_link",
    "Excel/CSV formula injection in ids or labels":
        "tables/test_csv.py::test_formulas_are_disarmed",
    "HTML/JS in ids or labels": "report/test_html.py::test_hostile_words_are_shown_as_words",
    "Labels with $, \\, %, _, & in PDF/LaTeX/mathtext":
        "report/test_pdf.py::test_hostile_words_are_set_as_words",
    "PDF renderer fetching file:// or http:// from a label":
        "report/test_html.py::test_nothing_is_loaded_from_anywhere",
    "Disk full / read-only output / interrupted write":
        "report/test_write.py::test_killed_at_any_moment_leaves_whole_files",
    "Two runs writing one output folder":
        "report/test_write.py::test_a_second_run_says_so_and_stops",
    "Clock skew / no git / dirty tree":
        "report/test_outputs.py::test_the_stamp_knows_every_output",
    "Missing fonts, no LaTeX, headless": "report/test_pdf.py::test_conforms_to_pdf_ua",
    "Different BLAS/thread count on re-run":
        "report/test_outputs.py::test_same_bytes_in_another_process_folder_and_hash_seed",
    "Worker lacks the package (Dask)":
        "engine/test_batch.py::test_bytes_do_not_depend_on_the_kind_of_worker",
    "Cells with n<5 (by arm x sex x site)":
        "tables/test_small_cells.py::test_no_small_count_follows_from_the_total",
    "Min/max, extreme outlier points, spaghetti plots, listings":
        "tables/test_small_cells.py::test_statistics_of_few_are_not_shown",
    "File paths with user/hospital names in the provenance stamp":
        "report/test_outputs.py::test_the_stamp_knows_every_output",
}  # fmt: skip


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_has_a_test(shared):
    rows = read_rows(shared / "reliability" / "bad_inputs.csv")
    names = [row_name(group, text) for group, text in rows]
    assert len(set(names)) == len(rows)
    here = {name for path in Path(__file__).parent.glob("test_*.py") for name in names_in(path)}
    without = [
        text
        for (_, text), name in zip(rows, names, strict=True)
        if text not in ELSEWHERE and not any(known.startswith(name) for known in here)
    ]
    assert not without
    assert set(ELSEWHERE) <= {text for _, text in rows}


def test_tests_that_stand_elsewhere_exist():
    for place in ELSEWHERE.values():
        path, _, name = place.partition("::")
        assert name in names_in(TESTS / path), place
