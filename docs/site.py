"""Build the site of the documentation from the Markdown, the docstrings and the stored notebooks.

Run by `make docs`; nothing is fetched. Sphinx with MyST reads the Markdown and the executed
notebooks as they are, has a search that works without a server, and is what numpy, pandas and scipy
use. The reference is `docs/reference/`, which `make pages` writes from the docstrings; the gallery
runs its code here. Whatever a page links to in the checkout travels along as a file.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.gallery import gallery_page

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "build" / "site_source"
TARGET = ROOT / "build" / "site"
FILES = "files"  # where linked files of the checkout stand in the site
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md",
         "reports/README.md", "benchmarks/README.md")  # fmt: skip
CONFIGURATION = """\
project = "backwalk_stats"
author = "The backwalk_stats contributors"
copyright = author
extensions = ["myst_nb"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"
html_theme = "furo"
html_title = "backwalk_stats"
html_static_path = []
html_show_sphinx = False
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
templates_path = []
mathjax_path = "none.js"  # no page has an equation; nothing is loaded from elsewhere
"""
FRONT = ROOT / "docs" / "site_front.txt"
CAPTION = "The report of the simulated knee trial: answer, picture, what is not known."
TREES = {
    "Start": ("README", "notebooks/*", "docs/gallery", "docs/pictures"),
    "Files": ("docs/trial_file", "docs/formats", "docs/motion_file", "docs/laboratory_exports",
              "docs/own_evidence", "docs/paper", "docs/instruments"),
    "Methods": ("docs/verdicts", "docs/checks", "docs/methods/*", "docs/agreement",
                "docs/stability"),
    "Reference": ("docs/reference/*",),
    "Project": ("docs/architecture", "docs/map", "docs/state", "data/README", "reports/README",
                "benchmarks/README", "CONTRIBUTING", "SECURITY", "CHANGELOG"),
}  # fmt: skip
LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")


def build() -> Path:
    """Build the site; return its front page.

    Raises
    ------
    RuntimeError
        If Sphinx warns of anything: a link without a target is a warning.
    """
    for folder in (SOURCE, TARGET):
        shutil.rmtree(folder, ignore_errors=True)
    pages = [*map(ROOT.joinpath, PAGES), *sorted((ROOT / "docs").rglob("*.md"))]
    staged = {page.relative_to(ROOT) for page in pages}
    notebooks = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    staged |= {notebook.relative_to(ROOT) for notebook in notebooks}
    gallery = gallery_page(SOURCE / "docs" / "gallery_images")
    staged |= {Path("docs/gallery.md")}
    for page in pages:
        _write(page.relative_to(ROOT), _linked(page, staged))
    _write(Path("docs/gallery.md"), gallery)
    for notebook in notebooks:
        text = _linked(notebook, staged)
        _write(notebook.relative_to(ROOT), text)
    shutil.copytree(ROOT / "docs" / "images", SOURCE / "docs" / "images", dirs_exist_ok=True)
    front = FRONT.read_text(encoding="utf-8")
    _write(Path("index.md"), front.format(caption=CAPTION, toctrees=_toctrees(staged)))
    _write(Path("conf.py"), CONFIGURATION)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, str(SOURCE), str(TARGET)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the site has faults:\n{done.stderr}")
    return TARGET / "index.html"


def _write(name: Path, text: str) -> None:
    """Write a staged page."""
    target = SOURCE / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _linked(page: Path, staged: set[Path]) -> str:
    """Return a page whose links to files of the checkout lead to copies in the site."""
    return LINK.sub(lambda found: _link(found, page, staged), page.read_text(encoding="utf-8"))


def _link(found: re.Match[str], page: Path, staged: set[Path]) -> str:
    """Return one link, to a page of the site where there is one, else to a copy of the file."""
    before, target, anchor, after = found.groups()
    if "://" in target or target.startswith(("mailto:", "attachment:")):
        return found.group(0)
    there = (page.parent / target).resolve()
    if not there.is_relative_to(ROOT) or not there.exists():
        return found.group(0)  # Sphinx names it
    name = there.relative_to(ROOT)
    if name in staged or there.suffix in (".png", ".svg"):
        return found.group(0)
    if there.is_dir() and name / "README.md" in staged:
        return f"{before}{target.rstrip('/')}/README.md{anchor or ''}{after}"
    up = "../" * (len(page.relative_to(ROOT).parts) - 1)
    return f"{before}{up}{FILES}/{_copied(there)}{after}"


def _copied(there: Path) -> str:
    """Copy a linked file, or the list of a folder's files, into the site; return its name there."""
    name = there.relative_to(ROOT)
    kept = SOURCE / FILES / (f"{name}.txt" if there.suffix != ".csv" else name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if there.is_dir():
        listed = sorted(
            path.name for path in there.iterdir() if not path.name.startswith(("_", "."))
        )
        kept.write_text("\n".join(listed) + "\n", encoding="utf-8")
    else:
        kept.write_bytes(there.read_bytes())
    return kept.relative_to(SOURCE / FILES).as_posix()


def _toctrees(staged: set[Path]) -> str:
    """Return the tables of contents of the side bar; every page stands in one."""
    names = sorted(path.with_suffix("").as_posix() for path in staged)
    parts = []
    for caption, wanted in TREES.items():
        listed = [
            name
            for pattern in wanted
            for name in names
            if name == pattern or (pattern.endswith("/*") and Path(name).match(pattern))
        ]
        parts.append(
            f":::{{toctree}}\n:hidden:\n:caption: {caption}\n:maxdepth: 1\n\n"
            + "\n".join(listed)
            + "\n:::\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    print(build())
