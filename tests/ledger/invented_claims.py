"""Invented records with one claim each, and the verdict that the definition gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.recompute import recompute
from tests.ledger.findings import arm
from tests.ledger.records import record

HOLDS, SUPPORTED, MIXED = "holds", "supported_as_printed", "mixed"
CONTRADICTED, NOT_CARRIED = "contradicted", "source_does_not_carry_it"
NOT_READ, NO_EVIDENCE = "not_read", "no_evidence"

Rows = list[dict[str, str]]
CLAIM = {
    "claim_id": "C1",
    "topic": "knee pain",
    "claim_in_our_words": "Six weeks of backward walking reduced knee pain more than forward",
    "source_named_by_article": "an unnamed study",
    "design_claimed": "backward vs forward",
}
ADVICE = {
    "design_claimed": "advice",
    "claim_in_our_words": "Backward walking is good for knee pain",
}
STUDY = {
    "citation": "Author A. A trial",
    "year": "2021",
    "design": "2-arm RCT",
    "arms": "backward walking (n=40); forward walking (n=40)",
    "n_randomised": "80",
    "weeks": "6",
    "journal": "J Imagined Gait Res",
}
JOURNAL = "the Journal of Imagined Gait Research"
PAIN = {"outcome": "pain", "instrument": "NRS", "unit": "points", "direction_better": "lower"}
PAIR = {"outcome": "NRS week 6", "arm_a": "backward", "arm_b": "forward", "origin": "paper"}
MEANS_SD = {"contrast_type": "post-score mean difference", "method": "Student t test"}


class Base:
    """Studies, arms and comparisons of an invented record, by study id."""

    def __init__(self, **claim: str) -> None:
        self.claim = {**CLAIM, **claim}
        self.studies: Rows = []
        self.outcomes: Rows = []
        self.contrasts: Rows = []

    def study(self, name: str = "one", **told: str) -> Base:
        """Add a study."""
        short = {"short_name": f"Study {name}"}
        self.studies.append({**STUDY, **short, **told, "study_id": name})
        return self

    def arms(
        self,
        backward: float,
        forward: float,
        *,
        sd: str = "1.20",
        n: int = 40,
        name: str = "",
        **told: str,
    ) -> Base:
        """Add a study with both arms' pain after six weeks, and its comparison."""
        name = name or f"s{len(self.studies)}"
        self.study(name, **told)
        for label, mean in (("backward", backward), ("forward", forward)):
            row = arm(label, n, f"{mean:.2f}", sd)
            self.outcomes.append({**row, **PAIN, "study_id": name})
        self.contrasts.append({**PAIR, **MEANS_SD, "study_id": name})
        return self

    def meaning(self, contrast_type: str) -> Base:
        """Give the last comparison other words."""
        self.contrasts[-1]["contrast_type"] = contrast_type
        return self

    def printed(
        self,
        words: str,
        p: str = "<0.001",
        *,
        name: str = "",
        study: Mapping[str, str] | None = None,
        **row: str,
    ) -> Base:
        """Add a study that prints a comparison in words with a p."""
        name = name or f"s{len(self.studies)}"
        if name not in [one["study_id"] for one in self.studies]:
            self.study(name, **(study or {}))
        text = {"contrast_type": words, "p_value_as_printed": p, "method": "not read"}
        self.contrasts.append({**PAIR, **text, "study_id": name, **row})
        return self

    def record(self) -> Record:
        """Return the record."""
        names = ";".join(dict.fromkeys(one["study_id"] for one in self.studies))
        return record(
            studies=self.studies,
            outcomes=self.outcomes,
            contrasts=self.contrasts,
            claims=[{**self.claim, "evidence_study_ids": names}],
        )

    def judged(self) -> dict[str, str]:
        """Return the row of the claim."""
        row = recompute(self.record()).claims.iloc[0]
        assert len(row["in_one_line"]) <= 95
        return {str(key): str(value) for key, value in row.items()}

    def swapped(self) -> Base:
        """Return the same record with the two directions exchanged, the claim left as it is."""
        turn = {"backward": "forward", "forward": "backward"}
        other = Base(**self.claim)
        for part in ("studies", "outcomes", "contrasts"):
            rows = [
                {
                    k: re.sub("backward|forward", lambda m: turn[m.group()], v)
                    for k, v in row.items()
                }
                for row in getattr(self, part)
            ]
            setattr(other, part, rows)
        return other


AT_SAME_SPEED = "At the same speed backward walking gives less knee pain than forward"
HEARD: dict[str, Any] = {"full_text": "open", "read": "abstract"}
WALKS = {"arms": "backward walking + usual care; usual care"}
USUAL: dict[str, Any] = {"arm_b": "usual care", "study": WALKS}
HIGHER = "paired difference, backward higher"
LOAD = {"topic": "muscle activity", "claim_in_our_words": "Backward walking uses more muscle"}
DIFFERENCE: dict[str, Any] = {
    "estimate": "-1.20",
    "ci_low": "-2.00",
    "ci_high": "-0.40",
    "ci_level": "95",
    "scale": "difference",
}
ODDS = {"scale": "odds ratio", "estimate": "0.5", "ci_low": "0.3", "ci_high": "0.8"}
FALLS = {"topic": "harm", "claim_in_our_words": "Backward walking increases the risk of falls"}
FALLS["design_claimed"] = "backward vs forward"
SAME: dict[str, Any] = {
    "design": "within-participant, same speed",
    "n_randomised": "40 (not randomised)",
}

# What was invented, and the verdict that the definition gives (docstring of the judgement).
CASES: list[tuple[str, Base, str]] = [
    ("one trial, backward clearly better", Base().arms(3.1, 4.2), HOLDS),
    ("one trial, forward clearly better", Base().arms(4.2, 3.1), CONTRADICTED),
    ("two trials, backward clearly better", Base().arms(3.1, 4.2).arms(3.0, 4.4), HOLDS),
    ("two trials, forward clearly better", Base().arms(4.2, 3.1).arms(4.4, 3.0), CONTRADICTED),
    ("one better, one worse", Base().arms(3.1, 4.2).arms(4.2, 3.1), MIXED),
    ("an interval over zero", Base().arms(3.1, 3.5), NO_EVIDENCE),
    ("no difference at all", Base().arms(3.1, 3.1), NO_EVIDENCE),
    ("rounding reaches zero", Base().arms(3.1, 3.64), NO_EVIDENCE),
    ("one clear, one over zero", Base().arms(3.1, 4.2).arms(3.4, 3.5), MIXED),
    (
        "one against many, which agree closely enough for a prediction",
        Base()
        .arms(4.1, 3.5, n=41)
        .arms(3.1, 4.4, n=400)
        .arms(3.1, 4.4, n=400)
        .arms(3.1, 4.5, n=400),
        MIXED,
    ),
    (
        "many clear, one over zero: the prediction interval stays on one side",
        Base()
        .arms(3.1, 4.1, n=300)
        .arms(3.1, 4.1, n=300)
        .arms(3.1, 4.1, n=300)
        .arms(3.1, 4.1, n=300)
        .arms(3.5, 4.0, n=20),
        HOLDS,
    ),
    ("no spread, no print", Base().arms(3.1, 4.2, sd=""), NO_EVIDENCE),
    ("no spread, printed better", Base().printed("between groups, backward better"), SUPPORTED),
    ("printed forward better", Base().printed("between groups, forward better"), CONTRADICTED),
    (
        "printed both ways",
        Base().printed("backward better").printed("between groups, forward better"),
        MIXED,
    ),
    ("printed, favours forward", Base().printed("favours forward"), CONTRADICTED),
    ("printed, greater reduction", Base().printed("significantly greater reduction"), SUPPORTED),
    ("printed, smaller reduction", Base().printed("smaller reduction"), CONTRADICTED),
    ("no difference printed", Base().printed("between groups", "0.43"), NO_EVIDENCE),
    (
        "a difference without a side, half read",
        Base().printed("between groups", study=HEARD),
        NOT_READ,
    ),
    ("a difference without a side", Base().printed("between groups"), NO_EVIDENCE),
    ("only an abstract, without results", Base().study(**HEARD), NOT_READ),
    (
        "abstracts, no full text open",
        Base().study(full_text="abstract only", read="abstract"),
        NOT_READ,
    ),
    (
        "read in full, without results",
        Base().study(full_text="open", read="full text"),
        NO_EVIDENCE,
    ),
    ("no study at all", Base(), NO_EVIDENCE),
    (
        "a printed difference with its interval",
        Base().printed("mean difference", "0.004", **DIFFERENCE),
        SUPPORTED,
    ),
    (
        "the same with the arms the other way round",
        Base().printed("", "0.004", arm_a="forward", arm_b="backward", **DIFFERENCE),
        CONTRADICTED,
    ),
    (
        "a ratio of odds, of which the event was not read",
        Base().printed("odds ratio", "0.004", **{**DIFFERENCE, **ODDS}),
        NO_EVIDENCE,
    ),
    (
        "less of a harm is better, whatever the family",
        Base(topic="disability", claim_in_our_words="Backward walking reduces disability").printed(
            "backward better", outcome="ODI"
        ),
        SUPPORTED,
    ),
    (
        "more of a good is better",
        Base(topic="strength", claim_in_our_words="Backward walking increases strength").printed(
            "backward worse", outcome="quadriceps strength"
        ),
        CONTRADICTED,
    ),
    (
        "pain in the name of the people is no pain that was measured",
        Base().printed(HIGHER, outcome="VMO/VL ratio, patellofemoral pain"),
        NO_EVIDENCE,
    ),
    (
        "the thigh is not the spine",
        Base(
            topic="lumbar motion", claim_in_our_words="Backward walking improves lumbar motion"
        ).printed("backward worse", outcome="thigh ROM"),
        NO_EVIDENCE,
    ),
    (
        "against as printed, and a difference without its side",
        Base().printed("forward better").printed("between groups"),
        MIXED,
    ),
    (
        "changes are meant, scores at follow-up are printed",
        Base().arms(4.2, 3.1).meaning("difference of changes"),
        CONTRADICTED,
    ),
    (
        "advice is judged by treatment against none",
        Base(**ADVICE)
        .printed("backward better", name="s", **USUAL)
        .printed("forward better", name="s"),
        SUPPORTED,
    ),
    ("only protocols, source not named", Base().study(design="protocol of an RCT"), NO_EVIDENCE),
    (
        "only a protocol, which is cited",
        Base(source_named_by_article=JOURNAL).study(design="protocol of an RCT"),
        NOT_CARRIED,
    ),
    (
        "one session for weeks",
        Base(source_named_by_article=JOURNAL).arms(3.1, 4.2, weeks="single session"),
        NOT_CARRIED,
    ),
    (
        "one session, for a claim that names no weeks",
        Base(
            source_named_by_article=JOURNAL,
            claim_in_our_words="Backward walking reduced knee pain more than forward",
        ).arms(3.1, 4.2, weeks="single session"),
        HOLDS,
    ),
    (
        "chronic for acute",
        Base(
            source_named_by_article=JOURNAL,
            claim_in_our_words="Backward walking lowers acute knee pain more than forward walking",
        ).arms(3.1, 4.2, population="adults with chronic knee pain"),
        NOT_CARRIED,
    ),
    (
        "the cited study walks one way only",
        Base(source_named_by_article=JOURNAL).printed("backward better", **USUAL),
        NOT_CARRIED,
    ),
    (
        "another journal is not the source",
        Base(source_named_by_article=JOURNAL).arms(
            3.1, 4.2, weeks="single session", journal="J Other"
        ),
        HOLDS,
    ),
    (
        "the cited paper is open and prints no number in its abstract",
        Base(source_named_by_article=JOURNAL).printed("backward better", "", study=HEARD),
        NOT_READ,
    ),
    (
        "the cited paper prints one in its abstract",
        Base(source_named_by_article=JOURNAL).printed("backward better", study=HEARD),
        SUPPORTED,
    ),
    ("added to care is not direction", Base().printed("backward better", **USUAL), NO_EVIDENCE),
    ("added to care is advice", Base(**ADVICE).printed("backward better", **USUAL), SUPPORTED),
    ("added to care, worse", Base(**ADVICE).printed("backward worse", **USUAL), CONTRADICTED),
    (
        "advice, no side printed, against usual care",
        Base(**ADVICE).printed("between groups", "0.001", **USUAL),
        SUPPORTED,
    ),
    ("higher is not better or worse", Base(**LOAD).printed(HIGHER, outcome="EMG"), SUPPORTED),
    (
        "lower where more is claimed",
        Base(**LOAD).printed("paired difference, backward lower", outcome="EMG"),
        CONTRADICTED,
    ),
    (
        "running is not walking",
        Base(**LOAD).printed(HIGHER, outcome="EMG", arm_b="forward running"),
        NO_EVIDENCE,
    ),
    (
        "another outcome",
        Base(topic="posture", claim_in_our_words="Backward walking improves posture").arms(
            3.1, 4.2
        ),
        NO_EVIDENCE,
    ),
    (
        "an outcome outside every family",
        Base(
            topic="sleep", claim_in_our_words="Backward walking improves sleep more than forward"
        ).printed("backward better", outcome="sleep quality"),
        SUPPORTED,
    ),
    (
        "a dose that nobody used",
        Base(claim_in_our_words="Five minutes a day of backward walking reduce knee pain").arms(
            3, 4
        ),
        NO_EVIDENCE,
    ),
    (
        "a dose that was used",
        Base(claim_in_our_words="Five minutes a day of backward walking reduce knee pain").arms(
            3.1, 4.2, arms="backward walking 5 min (n=40); forward walking 5 min (n=40)"
        ),
        HOLDS,
    ),
    (
        "the same people, whatever the correlation",
        Base(claim_in_our_words=AT_SAME_SPEED).arms(3.1, 4.2, **SAME),
        HOLDS,
    ),
    (
        "the same people, only with a correlation",
        Base().arms(3.1, 3.7, **SAME),
        NO_EVIDENCE,
    ),
    (
        "equal speed claimed, each at their own",
        Base(claim_in_our_words=AT_SAME_SPEED).arms(
            3.1, 4.2, design="within-participant, self-selected speed"
        ),
        NO_EVIDENCE,
    ),
    (
        "a baseline difference is no effect",
        Base().printed("between groups, backward lower", p_role="baseline"),
        NO_EVIDENCE,
    ),
    ("recomputed for, printed against", Base().arms(3.1, 4.2).printed("forward better"), MIXED),
    (
        "recomputed over zero, printed for",
        Base().arms(3.1, 3.5).printed("backward better"),
        MIXED,
    ),
    (
        "forward is claimed to be better",
        Base(claim_in_our_words="Forward walking eases knee pain more than backward").arms(
            4.2, 3.1
        ),
        HOLDS,
    ),
    (
        "backward is claimed to be worse",
        Base(claim_in_our_words="Backward walking reduced knee pain less than forward").arms(
            4.2, 3.1
        ),
        HOLDS,
    ),
    *(
        (
            f"a difference that is denied has no side: {words}",
            Base(claim_in_our_words=words).arms(3.1, 4.2),
            NO_EVIDENCE,
        )
        for words in (
            "Backward walking fails to reduce knee pain more than forward walking",
            "Backward walking cannot reduce knee pain more than forward walking",
            "Backward walking lacks benefit for knee pain over forward walking",
            "Backward walking hardly reduces knee pain more than forward walking",
            "Backward and forward walking reduce knee pain equally",
            "Backward walking is as good as forward walking for knee pain",
            "Backward walking improves function without raising knee pain",
            "Backward walking has no advantage over forward walking for knee pain",
            "It is a myth that backward walking reduces knee pain more than forward walking",
        )
    ),
    (
        "equal speed denies nothing",
        Base(claim_in_our_words="At equal speed backward walking gives less knee pain").arms(
            3.1, 4.2, **SAME
        ),
        HOLDS,
    ),
    (
        "falls are suffered, and more of them are a harm",
        Base(**FALLS).printed("between groups, backward higher", outcome="falls"),
        SUPPORTED,
    ),
    (
        "fewer falls where more are claimed",
        Base(**FALLS).printed("between groups, backward lower", outcome="falls"),
        CONTRADICTED,
    ),
    (
        "prevented falls, and more of them printed",
        Base(topic="falls", claim_in_our_words="Backward walking prevents falls").printed(
            "between groups, backward higher", outcome="falls"
        ),
        CONTRADICTED,
    ),
    (
        "which side of an outcome is better was not read",
        Base(topic="gait", claim_in_our_words="Backward walking improves gait symmetry").printed(
            "between groups, backward higher", outcome="gait symmetry index"
        ),
        NO_EVIDENCE,
    ),
    (
        "one small trial, and a review that finds none",
        Base().arms(3.1, 4.9, n=8).printed("between groups", "0.60"),
        MIXED,
    ),
    (
        "one prints it, three print no difference",
        Base()
        .printed("backward better", "0.04")
        .printed("between groups", "0.60")
        .printed("between groups", "0.70")
        .printed("between groups", "0.50"),
        MIXED,
    ),
    (
        "two print it, one prints no difference",
        Base().printed("backward better").printed("backward better").printed("", "0.60"),
        SUPPORTED,
    ),
    ("words alone contradict nothing", Base().printed("forward better", ""), MIXED),
    (
        "a dose beside its noun",
        Base(
            design_claimed="advice",
            claim_in_our_words="Ten minutes of backward walking a day reduces knee pain",
        ).printed("backward better", **USUAL),
        NO_EVIDENCE,
    ),
    (
        "an outcome that nobody measured",
        Base(topic="blood pressure", claim_in_our_words="Backward walking lowers blood pressure")
        .arms(3.1, 4.2)
        .printed("backward better"),
        NO_EVIDENCE,
    ),
    (
        "a source that is not in the record",
        Base(source_named_by_article="a study in The Lancet").arms(3.1, 4.2),
        HOLDS,
    ),
]
