"""Tables for readers from whole objects: a trial, an analysis, a ledger.

Each is as the report has it: small counts are suppressed and no participant is in it. Every table
of a report stands in `.tables` of its object by name; the numbers themselves are frames
(`analysis.results`, `ledger.checks`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.headline import main_row
from backwalk_stats.report.open_questions import side_by_side
from backwalk_stats.report.reproduction import Ledger
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.report.words import covariate_labels
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial


def baseline(of: Trial | Analysis) -> DisplayTable:
    """Return who took part: covariates and outcomes at baseline by arm, without any test.

    Parameters
    ----------
    of : Trial or Analysis
        Of a trial, the table is computed now.

    Returns
    -------
    DisplayTable
        Numbers as mean (SD) and median (quartiles) in their unit, categories as count and per cent.

    Raises
    ------
    UsageError
        If an analysis holds no such table.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> table = bw.tables.baseline(bw.load_trial(bw.example("knee")))
    >>> [column.label for column in table.columns][1:]
    ['Forward walking (n = 30)', 'Backward walking (n = 30)', 'All (n = 60)']
    """
    from backwalk_stats.analyses.descriptions import baseline as question
    from backwalk_stats.tables.participants import baseline_table

    subject = _subject(of, question)
    return baseline_table(
        _part(subject, "baseline").frames["baseline"],
        arms=subject.arms,
        sizes=subject.sizes,
        variables=covariate_labels(subject.trial) | subject.outcomes,
    )


def missingness(of: Trial | Analysis) -> DisplayTable:
    """Return how many values are missing, by outcome, arm and visit.

    Parameters
    ----------
    of : Trial or Analysis
        Of a trial, the table is computed now.

    Returns
    -------
    DisplayTable
        Counts and per cent of the participants of each arm.

    Raises
    ------
    UsageError
        If an analysis holds no such table.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> table = bw.tables.missingness(bw.load_trial(bw.example("knee")))
    >>> len(table.rows) > 0
    True
    """
    from backwalk_stats.analyses.descriptions import missingness as question
    from backwalk_stats.tables.participants import missingness_table

    subject = _subject(of, question)
    return missingness_table(
        _part(subject, "missingness").frames["missingness"], labels=subject.labels
    )


def means(of: Trial | Analysis, outcome: str) -> DisplayTable:
    """Return the observed means of an outcome, by arm and visit, with their intervals.

    Parameters
    ----------
    of : Trial or Analysis
        Of a trial, the table is computed now.
    outcome : str
        Name of the outcome, as in the trial file.

    Returns
    -------
    DisplayTable
        In the unit of the outcome.

    Raises
    ------
    UsageError
        If the trial has no such outcome, or an analysis holds no such table.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.means(bw.load_trial(bw.example("knee")), "knee_pain").columns[0].label
    'Visit'
    """
    from backwalk_stats.tables.model import means_table

    subject = _within(of, outcome)
    return means_table(
        _part(subject, "within-arm", outcome).frames["means"],
        kind="observed",
        labels=subject.labels,
    )


def within_arm(of: Trial | Analysis, outcome: str) -> DisplayTable:
    """Return the change of an outcome from baseline in each arm by itself; it compares no arms.

    Parameters
    ----------
    of : Trial or Analysis
        Of a trial, the table is computed now.
    outcome : str
        Name of the outcome, as in the trial file.

    Returns
    -------
    DisplayTable
        Mean change in the unit of the outcome with its interval, and standardised change.

    Raises
    ------
    UsageError
        If the trial has no such outcome, or an analysis holds no such table.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> table = bw.tables.within_arm(bw.load_trial(bw.example("knee")), "knee_pain")
    >>> len(table.rows) > 0
    True
    """
    from backwalk_stats.tables.estimates import within_arm_table

    subject = _within(of, outcome)
    estimates = _part(subject, "within-arm", outcome).estimates
    return within_arm_table(estimates, labels=subject.labels)


def load_log(of: Trial | Analysis) -> DisplayTable:
    """Return what loading a trial put right, and what looks odd in its data.

    Parameters
    ----------
    of : Trial or Analysis
        Where the log is.

    Returns
    -------
    DisplayTable
        A row for each thing, by file and column; no participant's value or id.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> table = bw.tables.load_log(bw.load_trial(bw.example("knee")))
    >>> len(table.rows) > 0
    True
    """
    from backwalk_stats.tables.participants import load_log_table

    return load_log_table(_subject(of).trial.load_log)


def results(analysis: Analysis) -> DisplayTable:
    """Return the answer to every estimand by its main analysis.

    Parameters
    ----------
    analysis : Analysis
        As `analyse` returns it.

    Returns
    -------
    DisplayTable
        Each difference is the first arm minus the second, in the unit of the outcome, with its
        interval and p-value.

    Raises
    ------
    UsageError
        If nothing could be estimated.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import backwalk_stats as bw
    >>> trial = bw.load_trial(bw.example("knee"))
    >>> asked = replace(trial.estimands[0], analysis="change-score", sensitivity=(), subgroups=())
    >>> own = {"estimands": (asked,), "multiplicity": ("none", ())}
    >>> small = replace(trial, outcomes=trial.outcomes[:1], **own)
    >>> len(bw.tables.results(bw.analyse(small)).rows)
    1
    """
    from backwalk_stats.tables.estimates import results_table

    subject = _subject(analysis)
    rows = [row for row in (main_row(subject, one) for one in subject.estimands) if row is not None]
    if not rows:
        raise UsageError("this analysis holds no estimate; its notes say why")
    levels = {one.id: one.level for one in subject.estimands}
    return results_table(pd.DataFrame(rows), labels=subject.labels, levels=levels)


def sensitivity(analysis: Analysis, estimand: str) -> DisplayTable:
    """Return an estimand by its main analysis and by every sensitivity analysis, side by side.

    Parameters
    ----------
    analysis : Analysis
        As `analyse` returns it.
    estimand : str
        Its id, as in the trial file.

    Returns
    -------
    DisplayTable
        Each difference is the first arm minus the second, in the unit of the outcome, of shares in
        percentage points; each ratio the first arm over the second.

    Raises
    ------
    UsageError
        If the trial has no such estimand; the message lists those there are.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import backwalk_stats as bw
    >>> trial = bw.load_trial(bw.example("knee"))
    >>> asked = replace(
    ...     trial.estimands[0], analysis="change-score", sensitivity=("rank-based",), subgroups=()
    ... )
    >>> own = {"estimands": (asked,), "multiplicity": ("none", ())}
    >>> small = replace(trial, outcomes=trial.outcomes[:1], **own)
    >>> len(bw.tables.sensitivity(bw.analyse(small), "E1").rows)
    2
    """
    subject = _subject(analysis)
    return side_by_side(subject, _estimand(subject, estimand))


def responders(analysis: Analysis, outcome: str) -> DisplayTable:
    """Return how many of each arm improved by a named amount.

    Parameters
    ----------
    analysis : Analysis
        As `analyse` returns it.
    outcome : str
        Name of the outcome, as in the trial file.

    Returns
    -------
    DisplayTable
        Counts and per cent by arm; differences and ratios with their intervals.

    Raises
    ------
    UsageError
        If the trial has no such outcome, or responders were not asked for.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import backwalk_stats as bw
    >>> trial = bw.load_trial(bw.example("knee"))
    >>> asked = replace(trial.estimands[0], analysis="change-score", sensitivity=(), subgroups=())
    >>> own = {"estimands": (asked,), "multiplicity": ("none", ())}
    >>> small = replace(trial, outcomes=trial.outcomes[:1], **own)
    >>> len(bw.tables.responders(bw.analyse(small), "knee_pain").rows) > 0
    True
    """
    from backwalk_stats.report.words import rule_told
    from backwalk_stats.tables.responder_table import responder_table

    subject = _subject(analysis)
    part = _part(subject, "responder", outcome)
    level = 0.95 if part.estimand is None else part.estimand.level
    shares, told = part.frames["responders"], subject.trial.outcome(outcome)
    rules = {rule: rule_told(rule, told) for rule in shares["rule"].astype(str).unique()}
    return responder_table(shares, part.estimates, arms=subject.arms, rules=rules, level=level)


def harms(analysis: Analysis) -> DisplayTable:
    """Return harms by arm: people and events, differences of risks, rates.

    Parameters
    ----------
    analysis : Analysis
        As `analyse` returns it.

    Returns
    -------
    DisplayTable
        A row a kind of harm, falls first; counts of few people are not shown.

    Raises
    ------
    UsageError
        If the trial file names no record of harms.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.harms(bw.analyse("trial.toml")).rows  # doctest: +SKIP
    """
    from backwalk_stats.tables.harm_table import harm_table

    subject = trial_subject(analysis.analysis)
    part = _part(subject, "harms")
    return harm_table(part.frames["harms"], part.estimates, arms=subject.arms)


def ledger(ledger: Ledger) -> DisplayTable:
    """Return every printed number, what it recomputes to, and the verdict with its reason.

    Parameters
    ----------
    ledger : Ledger
        As `reproduce` returns it.

    Returns
    -------
    DisplayTable
        A row a printed number, by study.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> found = bw.reproduce(["chen2021"])
    >>> len(bw.tables.ledger(found).rows) == len(found.checks)
    True
    """
    from backwalk_stats.tables.labels import ledger_labels
    from backwalk_stats.tables.record import ledger_table

    checks = ledger.checks
    return ledger_table(checks, labels=ledger_labels(ledger.studies, checks))


def claims(ledger: Ledger) -> DisplayTable:
    """Return the claims of the article, each with its verdict and why.

    Parameters
    ----------
    ledger : Ledger
        As `reproduce` returns it.

    Returns
    -------
    DisplayTable
        A row a claim; none where the record has no article.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.claims(bw.reproduce(["chen2021"])).columns[1].label
    'Claim'
    """
    from backwalk_stats.tables.record import claims_table

    return claims_table(ledger.claims)


def pooled(ledger: Ledger) -> DisplayTable:
    """Return the meta-analyses by outcome, method and choice of trials.

    Parameters
    ----------
    ledger : Ledger
        As `reproduce` returns it.

    Returns
    -------
    DisplayTable
        Hedges' g with its interval, heterogeneity and where a new trial is expected; below 0
        favours backward walking.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.pooled(bw.reproduce(["chen2021"])).columns[0].label
    'Method, interval'
    """
    from backwalk_stats.tables.labels import study_labels
    from backwalk_stats.tables.record import pooled_table

    return pooled_table(ledger.pooled, labels=study_labels(ledger.studies))


def instruments(*codes: str) -> DisplayTable:
    """Return instruments: versions, ranges, direction, rules, thresholds with their source.

    Parameters
    ----------
    *codes : str
        Codes or other spellings, such as "womac"; all instruments where none is named.

    Returns
    -------
    DisplayTable
        A row for each scale of each version.

    Raises
    ------
    UsageError
        If there is no such instrument; the message lists those there are.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.instruments("nprs").rows[0][1]
    '0 to 10 points, lower is better'
    """
    from backwalk_stats.instruments.registry import all_instruments, instrument
    from backwalk_stats.tables.instrument_table import instruments_table

    return instruments_table([instrument(code) for code in codes] or all_instruments())


def flow(of: Trial | Analysis) -> DisplayTable:
    """Return how many took part at each stage, as CONSORT asks.

    Parameters
    ----------
    of : Trial or Analysis
        Of a trial, the table is computed now.

    Returns
    -------
    DisplayTable
        A row for each stage and reason, a column for each arm; small counts are hidden.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> bw.tables.flow(bw.load_trial(bw.example("knee"))).rows[0]
    ('Randomised', '60', '', '')
    """
    from backwalk_stats.analyses.descriptions import flow as question
    from backwalk_stats.tables.participants import flow_table

    subject = _subject(of, question)
    return flow_table(_part(subject, "flow").frames["flow"], labels=subject.labels)


def save(table: DisplayTable, path: Path | str) -> Path:
    """Write a table as one file, in the form that its name ends in.

    Parameters
    ----------
    table : DisplayTable
    path : Path or str
        Ends in .docx (Word), .html, .md, .tex (LaTeX, booktabs) or .csv.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    UsageError
        If the name ends otherwise.

    Examples
    --------
    >>> import tempfile, pathlib, backwalk_stats as bw
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save(bw.tables.instruments("nprs"), pathlib.Path(folder, "nprs.md"))
    ...     file.read_text(encoding="utf-8")[:2]
    '**'
    """
    from backwalk_stats.report.document import document
    from backwalk_stats.report.writers.folder import check_file, write_file
    from backwalk_stats.report.writers.html_pdf import in_format

    target = Path(path)
    ending = target.suffix.lower().lstrip(".")
    texts = {"md": table.to_markdown, "tex": table.to_latex, "csv": table.to_csv}
    if ending in texts:
        content = texts[ending]().encode()
    elif ending in ("docx", "html"):
        block = document.TableBlock(id="table", table=table)
        section = document.Section(id="tables", title="Table", blocks=(block,))
        whole = document.Document(title=table.caption, subtitle="", sections=(section,))
        content = in_format(whole, ending)
    else:
        known = ", ".join(f".{one}" for one in ("docx", "html", *texts))
        raise UsageError(f"expected a name that ends in {known}; found '{printable(target.name)}'")
    check_file(target)
    return write_file(target, content)


def _subject(of: Trial | Analysis, *questions: Callable[[Trial], Result]) -> TrialSubject:
    """Return what may be told of an analysis, or of a trial after the questions asked of it."""
    if not isinstance(of, Trial):
        return trial_subject(of.analysis)
    from backwalk_stats.analyses.results import results_frame

    parts = tuple(question(of) for question in questions)
    estimates = results_frame([], analysis="")
    return trial_subject(TrialAnalysis(trial=of, parts=parts, estimates=estimates))


def _within(of: Trial | Analysis, outcome: str) -> TrialSubject:
    from backwalk_stats.analyses.questions.within_arm import within_arm as question

    trial = of if isinstance(of, Trial) else of.trial
    _known("outcome", outcome, [one.name for one in trial.outcomes])
    return _subject(of, lambda own: question(own, outcome))


def _part(subject: TrialSubject, analysis: str, outcome: str = "") -> Result:
    """Return the first part of an analysis, or say that it is not there."""
    if outcome:
        _known("outcome", outcome, [one.name for one in subject.trial.outcomes])
    part = subject.analysis.part(analysis, outcome)
    if part is None:
        about = f" of '{printable(outcome)}'" if outcome else ""
        raise UsageError(f"this analysis holds no {analysis}{about}")
    return part


def _estimand(subject: TrialSubject, wanted: str) -> Estimand:
    known = {one.id: one for one in subject.estimands}
    _known("estimand", wanted, list(known))
    return known[wanted]


def _known(kind: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise UsageError(
            f"no {kind} named '{printable(str(name))}'; there are: {', '.join(names) or 'none'}"
        )
