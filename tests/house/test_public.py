"""What `bw` offers: names that resolve, told in full, and all that notebooks and documents need."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import pytest

import backwalk_stats as bw
from backwalk_stats.registry import Namespace, public_sources
from docs.reference_pages import PUBLIC

ROOT = Path(__file__).parents[2]
NAMES = [pytest.param(item, id=item.path) for item in PUBLIC]
FUNCTIONS = [pytest.param(item, id=item.path) for item in PUBLIC if inspect.isfunction(item.value)]
STUBS = sorted((ROOT / "backwalk_stats").rglob("__init__.pyi"))
INTERNAL = re.compile(r"^\s*(?:from backwalk_stats\.\S+ import|import backwalk_stats\.)", re.M)


@pytest.mark.parametrize("stub", STUBS, ids=[stub.parent.name for stub in STUBS])
def test_a_stub_lists_what_it_imports(stub: Path):
    text = stub.read_text(encoding="utf-8")
    package = ".".join(stub.parent.relative_to(ROOT).parts)
    room = import_module(package)
    (listed,) = [
        ast.literal_eval(line.value)
        for line in ast.parse(text).body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "__all__"
    ]
    version = {"__version__"} if room is bw else set()
    assert set(listed) == public_sources(text, package).keys() | version
    assert set(listed) - version == set(room.__all__)
    assert set(room.__all__) <= set(dir(room))
    assert inspect.getdoc(room) == ast.get_docstring(ast.parse(text)), "one sign at a door"


def test_a_name_stays_itself_when_its_file_is_imported():
    for found in walk_packages(bw.__path__, prefix="backwalk_stats."):
        import_module(found.name)
    rooms = [room for room in sys.modules.values() if isinstance(room, Namespace)]
    assert len(rooms) == len(STUBS)
    for room in rooms:
        for name, (module, original) in room._sources.items():
            expected = getattr(sys.modules[module], original) if original else sys.modules[module]
            assert getattr(room, name) is expected


def test_an_unknown_name_is_an_attribute_error():
    for room in (bw, bw.motion):
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            room.nonsense  # noqa: B018


def test_the_import_is_quick():
    code = (
        "import time; start = time.process_time(); import backwalk_stats;"
        "print(time.process_time() - start)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    assert min(times) < 0.05


def test_everything_declared_for_today_is_there():
    declared = """
        example reproduce grim grimmer debit load_trial analyse mmrm lmm ols ancova change_score
        within_arm rank_based responders mixed_anova crossover constrained_longitudinal
        multiple_imputation conditional_mean_imputation random_draw_imputation tipping_point
        bootstrap permutation_test meta_analysis firth_odds_ratio rubin permuted_difference
        bootstrapped_difference tables instruments motion simulate Trial Analysis Ledger Motion
    """
    assert set(declared.split()) <= set(bw.__all__)
    assert {"score", "omeract_oarsi_responder"} <= set(bw.instruments.__all__)
    assert {"baseline", "results", "ledger", "claims"} <= set(bw.tables.__all__)


@pytest.mark.parametrize("item", NAMES)
def test_a_public_name_is_told_in_full(item):
    text = inspect.getdoc(item.value) or ""
    sections = set(re.findall(r"^(\w[\w ]*)\n-{3,}$", text, re.MULTILINE))
    if isinstance(item.value, ModuleType) or not callable(item.value):
        return
    if inspect.isclass(item.value):
        if not issubclass(item.value, Exception):
            assert sections & {"Attributes", "Parameters"}
        return
    wanted = {"Returns", "Examples"} if "Yield" not in text else {"Examples"}
    if inspect.signature(item.value).parameters:
        wanted |= {"Parameters"}
    assert wanted <= sections, wanted - sections
    assert ">>>" in text
    if raises(item.value):
        assert "Raises" in sections


def raises(function) -> bool:
    """Return whether a function raises by itself."""
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree_of(function)))


def tree_of(function) -> ast.AST:
    return ast.parse(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(function))))


@pytest.mark.parametrize("item", FUNCTIONS)
def test_every_parameter_is_told(item):
    text = inspect.getdoc(item.value) or ""
    rest = text.partition("Parameters\n----------\n")[2]
    told = re.split(r"\n\n\w[\w ]*\n-{3,}\n", rest)[0]
    named = {
        name.strip().lstrip("*")
        for line in told.splitlines()
        if line and not line.startswith(" ")
        for name in line.partition(" : ")[0].split(",")
    }
    assert set(inspect.signature(item.value).parameters) <= named, "in its place and by its name"


@pytest.mark.parametrize("item", FUNCTIONS)
def test_every_public_function_says_its_types(item):
    signature = inspect.signature(item.value)
    untold = [one.name for one in signature.parameters.values() if one.annotation is one.empty]
    assert not untold
    assert signature.return_annotation is not signature.empty


SCRIPTS = sorted((ROOT / "notebooks").glob("[0-9]*.py"))
TEXTS = [
    *SCRIPTS,
    *sorted((ROOT / "backwalk_stats" / "cli" / "templates").glob("*.ipynb")),
]
DOCUMENTS = sorted(
    file
    for pattern in ("*.md", "docs/**/*.md", "data/**/*.md", "benchmarks/*.md", "reports/*.md")
    for file in ROOT.glob(pattern)
    if ".venv" not in file.parts
)


@pytest.mark.parametrize("file", TEXTS, ids=[file.name for file in TEXTS])
def test_notebooks_import_from_bw_alone(file: Path):
    assert not INTERNAL.search(file.read_text(encoding="utf-8").replace('"from', "\nfrom"))


@pytest.mark.parametrize("file", DOCUMENTS, ids=[file.name for file in DOCUMENTS])
def test_documents_import_from_bw_alone(file: Path):
    blocks = re.findall(r"^```python\n(.*?)^```", file.read_text("utf-8"), re.M | re.S)
    assert not [block for block in blocks if INTERNAL.search(block)]


def test_an_example_is_found_by_name_and_others_are_refused():
    for name in ("knee", "knees", "motion", "mixed", "record"):
        assert any(bw.example(name).iterdir())
    with pytest.raises(bw.UsageError, match="knee, knees, mixed, motion, record; found 'hip'"):
        bw.example("hip")
    with pytest.raises(bw.UsageError, match="knee, knees, mixed, motion, record; found"):
        bw.example(["knee"])  # type: ignore[arg-type]


def test_a_folder_is_enough_for_a_trial():
    folder = bw.example("knee")
    assert repr(bw.load_trial(folder)) == repr(bw.load_trial(folder / "trial.toml"))
    assert bw.check_trial(folder)[0] == ()
