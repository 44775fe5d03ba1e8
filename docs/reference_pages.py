"""Write the pages of reference from the docstrings: one page a group of public names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import backwalk_stats as bw

REFERENCE = Path(__file__).parent / "reference"
# Each page: its file, its title, what it is about, and its names; a namespace is all its names.
GROUPS = {
    "trial": (
        "A trial of your own",
        "From the files of a trial to its analysis, its figures and tables, and its report.",
        """example new_trial load_trial check_trial Trial analyse Analysis read_sheet ReadOptions
        Fault InputError NotEstimable UsageError""",
    ),
    "plan": (
        "A planned trial",
        "What a trial file plans: its power by simulation, its lock, a blind run, where it stands.",
        "load_plan Plan power Power lock_plan Locked dry_run DryRun plan_status Status",
    ),
    "models": (
        "Models and tests",
        "A frame in, a tidy frame or a fitted model out.",
        """mmrm lmm ols ancova adjusted_means change_score within_arm rank_based responders
        firth_odds_ratio mixed_anova crossover constrained_longitudinal permutation_test bootstrap
        permuted_difference bootstrapped_difference adjusted_risk stratified_risk
        paired_proportions rate_ratio ordinal gee sample_size""",
    ),
    "missing": (
        "Missing values",
        "Imputation, Rubin's rules, reference-based imputation, tipping points.",
        """multiple_imputation rubin conditional_mean_imputation random_draw_imputation
        tipping_point""",
    ),
    "record": (
        "The published record",
        "Printed numbers recomputed: a whole literature, or one number of the paper in hand.",
        """reproduce Ledger read_record meta_analysis leave_one_out pooling_notes grim grimmer debit
        score_grid ScoreGrid reconstruct reconstructions ArmSummary determined""",
    ),
    "summary": ("Summaries of a paper", "What n, mean, SD, p and interval imply.", "summary"),
    "motion": (
        "Movement",
        "From a motion file to features and whole-curve tests; the same on arrays.",
        "analyse_motion Motion curve_test WholeCurveTest coordination Coordination gait_events "
        "align_curves motion",
    ),
    "instruments": ("Instruments", "Items to scores, and who improved.", "instruments"),
    "plot": (
        "Pictures",
        "On any axes, in the theme of the session or in the style of the reports.",
        "plot",
    ),
    "tables": ("Tables", "Tables for readers, which show themselves.", "tables"),
    "simulate": ("Simulation", "Invented people, for examples and tests.", "simulate"),
}
FUNCTION = re.compile(r"<function (\w+) at 0x[0-9a-f]+>")  # a default; its address differs by run
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
ENTRY = re.compile(r"^\S.*(?:\n(?:    .*|\s*))*", re.MULTILINE)


class Public(NamedTuple):
    """A public name: how it is reached, and what it is."""

    path: str
    value: Any


def public_names(names: str) -> Iterator[Public]:
    """Yield what is public under names of `bw`: those of a namespace one by one."""
    for name in names.split():
        value = getattr(bw, name)
        if isinstance(value, ModuleType):
            yield from (
                Public(f"bw.{name}.{inner}", getattr(value, inner)) for inner in value.__all__
            )
        else:
            yield Public(f"bw.{name}", value)


PUBLIC = tuple(one for _, _, names in GROUPS.values() for one in public_names(names))


def reference_pages() -> dict[Path, str]:
    """Return every page of reference, by its path."""
    pages = {REFERENCE / "README.md": _contents()}
    for name, (title, about, names) in GROUPS.items():
        listed = list(public_names(names))
        links = " · ".join(f"[`{one.path}`](#{_anchor(one.path)})" for one in listed)
        parts = [f"# {title}", f"{about} Written by `make pages` from the docstrings.", links]
        pages[REFERENCE / f"{name}.md"] = "\n\n".join([*parts, *map(_entry, listed)]) + "\n"
    return pages


def _contents() -> str:
    """Return the page that lists the others."""
    lines = [
        "# Reference",
        "",
        "Every public name, by what it is for; `import backwalk_stats as bw`.",
        "",
    ]
    lines += [f"- [{title}]({name}.md): {about}" for name, (title, about, _) in GROUPS.items()]
    return "\n".join(lines) + "\n"


def _anchor(path: str) -> str:
    return re.sub(r"[^\w -]", "", path).lower()


def _entry(one: Public) -> str:
    """Return one public name: signature, then its docstring as Markdown."""
    head = [f"## {one.path}"]
    if callable(one.value) and not _is_error(one.value):
        head.append(f"```text\n{one.path.rpartition('.')[2]}{_signature(one.value)}\n```")
    elif not callable(one.value):
        return "\n\n".join([*head, f"`{one.value!r}`"])
    body = [_markdown(inspect.getdoc(one.value) or "")]
    if inspect.isclass(one.value) and not _is_error(one.value):
        body += [_member(name, value) for name, value in _members(one.value)]
    return "\n\n".join([*head, *filter(None, body)])


def _is_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def _signature(value: object) -> str:
    """Return a signature, a parameter a line where one line is too long; types are told below."""
    signature = inspect.signature(value)  # type: ignore[arg-type]
    shown = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    told = str(signature.replace(parameters=shown, return_annotation=signature.empty))
    told = FUNCTION.sub(r"\1", told)
    if len(told) < 80:
        return told
    inner = ",\n    ".join(re.split(r", (?![^(\[]*[)\]])", told[1:-1]))
    return f"(\n    {inner},\n)"


def _members(kind: type) -> Iterator[tuple[str, object]]:
    """Yield the public methods and properties of a class, in the order of the code."""
    for name, value in vars(kind).items():
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            yield name, value


def _member(name: str, value: object) -> str:
    """Return one method or property as a paragraph, a method with its sections."""
    call = ""
    if inspect.isfunction(value):
        call = " ".join(_signature(value).split()).replace("(self, ", "(").replace("(self)", "()")
        call = call.replace("( self, ", "(").replace(", )", ")")
    return f"**`.{name}{call}`** {_markdown(inspect.getdoc(value) or '')}"


def _markdown(docstring: str) -> str:
    """Return a numpy docstring as Markdown."""
    lead, *rest = SECTION.split(docstring)
    parts = [_plain(lead)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Examples":
            parts.append(f"```pycon\n{body.strip()}\n```")
        else:
            parts.append(f"**{title}**\n\n{_listed(body)}")
    return "\n\n".join(filter(None, parts))


def _listed(body: str) -> str:
    """Return the entries of a section as a list; plain text where there are none."""
    items = []
    for found in ENTRY.findall(body.strip()):
        name, _, told = found.partition("\n")
        what, _, kind = name.partition(" : ")
        told = _plain(inspect.cleandoc(told), inside=True)
        items.append(f"- `{what}`{f' ({kind})' if kind else ''}{f': {told}' if told else ''}")
    return "\n".join(items)


def _plain(text: str, *, inside: bool = False) -> str:
    """Return paragraphs with their lines joined; what is indented stays as it is written."""
    blocks = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        kept = any(line.startswith((" ", "- ", "* ")) for line in paragraph.splitlines()[1:])
        blocks.append(paragraph if kept and not inside else " ".join(paragraph.split()))
    joined = (" " if inside else "\n\n").join(blocks)
    return re.sub(r"(?<![`\\\w])([*_])(?=\w)", r"\\\1", joined)
