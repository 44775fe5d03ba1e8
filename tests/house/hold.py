"""Hold the outputs of the commands to those of an earlier commit, byte for byte.

    python tests/house/hold.py [REVISION]        HEAD where none is named

The earlier commit is laid out in a folder of its own and runs there; what it wrote is kept under
the hash of the commit, so the next comparison with it runs the work tree alone. Every file that
the commands write must be the same, but `provenance.json`, which tells of the run itself. Exit
code 1 where a byte differs: such a change is made knowingly, and the commit says why.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = Path(tempfile.gettempdir()) / "backwalk-held-outputs"
OF_THE_RUN = {"provenance.json"}
RUNS = {
    "reproduce": ["reproduce"],
    "analyse": ["analyse", "data/example_trial/trial.toml"],
    "curves": ["motion", "curves", "data/example_motion/motion.toml"],
    "features": ["motion", "features", "data/example_motion/motion.toml"],
}


def outputs(tree: Path, into: Path) -> dict[str, bytes]:
    """Run every command of a tree, and return what it wrote by its name."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "SOURCE_DATE_EPOCH": "0",
        "PYTHONHASHSEED": "0",
    }
    start = "from backwalk_stats.cli.app import main; main()"
    for name, arguments in RUNS.items():
        folder = into / name
        subprocess.run(
            [sys.executable, "-c", start, *arguments, "--quiet", "--out", str(folder)],
            cwd=tree,
            env=environment,
            check=True,
        )
    return read(into)


def read(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their path in it, but those that tell of the run."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in OF_THE_RUN
    }


@contextmanager
def laid_out(commit: str) -> Iterator[Path]:
    """Hold a commit's tree in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--detach", "--force", str(tree), commit)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def git(*arguments: str) -> str:
    """Return what git answers."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def held(commit: str) -> dict[str, bytes]:
    """Return the outputs of a commit, made once."""
    folder = KEPT / commit
    if not folder.is_dir():
        KEPT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as new, laid_out(commit) as tree:
            outputs(tree, Path(new) / "out")
            (Path(new) / "out").rename(folder)
    return read(folder)


def differences(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Return a line for each file that is not the same."""
    lines = []
    for name in sorted({*before, *after}):
        if name not in after:
            lines.append(f"gone      {name}")
        elif name not in before:
            lines.append(f"new       {name}")
        elif before[name] != after[name]:
            lines.append(f"differs   {name}: {first_difference(before[name], after[name])}")
    return lines


def first_difference(before: bytes, after: bytes) -> str:
    """Return the first line that differs, before and after."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    for number, (one, two) in enumerate(pairs, start=1):
        if one != two:
            return f"line {number}: {one[:90]!r} was, {two[:90]!r} is"
    return f"{len(before)} bytes were, {len(after)} are"


def main(arguments: Sequence[str]) -> int:
    """Compare the work tree with a commit."""
    commit = git("rev-parse", "--verify", f"{arguments[0] if arguments else 'HEAD'}^{{commit}}")
    before = held(commit)
    with tempfile.TemporaryDirectory() as folder:
        after = outputs(ROOT, Path(folder))
    found = differences(before, after)
    print("\n".join(found or [f"{len(after)} files, the same bytes as at {commit[:10]}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
