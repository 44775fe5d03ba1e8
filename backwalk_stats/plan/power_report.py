"""The Python door to a simulated power: its numbers, and the report on them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from backwalk_stats.plan import sections
from backwalk_stats.plan.blocks import engine
from backwalk_stats.registry import Shown
from backwalk_stats.report.document.document import Document, written_sections
from backwalk_stats.report.writers.folder import check_file, is_one_file, reserved, write_file
from backwalk_stats.report.writers.html_pdf import in_format
from backwalk_stats.report.writers.outputs import to_json
from backwalk_stats.tables.csv import to_csv
from backwalk_stats.trial.plan import Plan, SimulatedPower

FILES = (".html", ".pdf", ".docx")


@dataclass(frozen=True, kw_only=True, repr=False)
class Power(Shown):
    """The simulated power of a planned trial; `bw.power` makes it.

    Attributes
    ----------
    found : SimulatedPower
        Everything that was computed.
    """

    found: SimulatedPower

    @property
    def plan(self) -> Plan:
        """The plan, with the scenarios and replicates that were simulated."""
        return self.found.plan

    @property
    def results(self) -> pd.DataFrame:
        """One row a scenario, size, estimand and quantity (`trial.tables.POWER_RESULTS`); a copy.

        Quantities: power, type_one_error, not_converged, bias, coverage, empirical_se, mean_df,
        each with its Monte Carlo error and 95 % limits. An estimand that was not simulated has a
        row with the reason.
        """
        return self.found.results.copy()

    @property
    def needed(self) -> pd.DataFrame:
        """Smallest size of an arm for 80 %, 90 % and the target (`trial.tables.NEEDED`); a copy."""
        return self.found.needed.copy()

    @property
    def missing(self) -> pd.DataFrame:
        """Shares missing, declared and simulated (`trial.tables.POWER_MISSING`); a copy."""
        return self.found.missing.copy()

    @property
    def closed_forms(self) -> pd.DataFrame:
        """Power by `bw.sample_size`, where a formula exists (`tables.CLOSED_FORMS`); a copy."""
        return self.found.closed_forms.copy()

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened in this run, such as blocks that were there already; in no file."""
        return self.found.notes

    def report(self, path: Path | str) -> Path:
        """Write the report.

        Parameters
        ----------
        path : Path or str
            A name that ends in ".html", ".pdf" or ".docx" is written as this one file. Any other
            is a folder, and gets power.csv, power.json and report.html.

        Returns
        -------
        Path
            What was written: the file or the folder.

        Raises
        ------
        UsageError
            If something stands in the way.
        """
        target = Path(path)
        if is_one_file(target, FILES):
            check_file(target)
            ending = target.suffix.lower().lstrip(".")
            return write_file(target, in_format(self.document(), ending))
        made = self.files()
        with reserved(target):
            for name, content in made.items():
                write_file(target / name, content)
        return target

    def files(self) -> dict[str, bytes]:
        """Return every file of a folder by its name; the report stands last."""
        return {
            "power.csv": to_csv(self.results).encode(),
            "power.json": self.as_json().encode(),
            "report.html": in_format(self.document(), "html"),
        }

    def as_json(self) -> str:
        """Return the plan, its results and what they rest on as JSON with sorted keys."""
        plan = self.plan
        frames = {
            name: json.loads(to_json(getattr(self.found, name)))
            for name in ("results", "needed", "missing", "fits", "closed_forms", "truths")
        }
        told: dict[str, Any] = {
            "trial": plan.study.id,
            "plan_hash": plan.digest,
            "seed": plan.study.seed,
            "replicates": plan.replicates,
            "alpha": plan.alpha,
            "target_power": plan.target_power,
            "version": engine()["backwalk-stats"],
            "computed_with": engine(),
            "scenarios": [asdict(one) for one in plan.scenarios],
            **frames,
        }
        return json.dumps(told, sort_keys=True, ensure_ascii=False, indent=1) + "\n"

    def document(self) -> Document:
        """Return the report as blocks."""
        return Document(
            title=f"{self.plan.study.title}: power of the planned analyses",
            subtitle=f"Simulated from the plan of {self.plan.study.id}; no data were read",
            sections=written_sections(sections, self.found, None),
        )

    def __repr__(self) -> str:
        """Return what it is."""
        names = list(dict.fromkeys(self.results["scenario"]))
        return (
            f"<Power of {self.plan.study.id}: scenarios {', '.join(names[:10])[:500]}; "
            f"{self.plan.replicates} replicates; {len(self.results)} results>"
        )
