"""Make the pictures of the documents from a report written now; run by `make images`.

The first screen of the report is taken with headless Chromium; figures are those of the report.
Colours are reduced to 128, which these pictures do not show and which makes them small.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

import backwalk_stats as bw

IMAGES = Path(__file__).parent / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREEN = (1280, 1060)  # down to the counts under the claims
COLOURS = 128
FIGURES = ("forest_pain", "verdict_matrix")
EXAMPLES = Path(__file__).parents[1] / "data"


def screenshot(page: Path, target: Path) -> None:
    """Take the first screen of a page, at the width of a desktop.

    Raises
    ------
    FileNotFoundError
        When no Chromium is on the path.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(f"none of {', '.join(BROWSERS)} is on the path")
    command = [
        found, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--hide-scrollbars",
        f"--user-data-dir={target.parent / 'profile'}",
        f"--window-size={SCREEN[0]},{SCREEN[1]}", f"--screenshot={target}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def shrink(source: Path, target: Path) -> None:
    """Write a picture with few colours."""
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(colors=COLOURS).save(target, optimize=True)


def trial_pictures(work: Path) -> dict[str, Path]:
    """Return the first screen of a trial's report, and its sensitivity analyses."""
    report = bw.analyse(EXAMPLES / "example_trial" / "trial.toml").report(work / "trial")
    screenshot(report / "report.html", work / "trial_report.png")
    figures = report / "figures"
    return {
        "trial_report": work / "trial_report.png",
        "trial_sensitivity": figures / "sensitivity_e1.png",
        "figure_means": figures / "model_means_e1.png",
    }


def motion_pictures(work: Path) -> dict[str, Path]:
    """Return the first whole-curve test of the motion example."""
    report = bw.analyse_motion(EXAMPLES / "example_motion" / "motion.toml").report(work / "motion")
    return {"motion_curves": next(iter(sorted((report / "figures").glob("curve_1_*.png"))))}


def main() -> None:
    """Write every picture and say how large it is."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        report = bw.reproduce().report(work / "report")
        screenshot(report / "report.html", work / "report.png")
        sources = {"report": work / "report.png"}
        sources |= {name: report / "figures" / f"{name}.png" for name in FIGURES}
        sources |= trial_pictures(work) | motion_pictures(work)
        for name, source in sources.items():
            target = IMAGES / f"{name}.png"
            shrink(source, target)
            sys.stdout.write(f"{target.name}: {target.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
