"""What a claim says, read from its words: which outcome, which side, which kind of comparison.

Nothing here knows a study or the id of a claim. What the words do not say stays empty, and then no
finding counts for or against.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backwalk_stats.ledger.reading.vocabulary import families, walks_backward, walks_forward, words

# Kinds of comparison that a claim can be about.
DIRECTIONS, TRIAL, CHANGE = "directions", "trial", "change"
# What it says of the outcome on its side.
BETTER, WORSE, HIGHER, LOWER = "better", "worse", "higher", "lower"
OPPOSITE = {BETTER: WORSE, WORSE: BETTER, HIGHER: LOWER, LOWER: HIGHER, "": ""}

# "Pain falls" is a verb; "falls", "risk of falls" and "prevents falls" are what people suffer.
_BEFORE_NOUN = (
    *("of", "and", "or", "the", "any", "fewer", "more", "less", "against", "from", "for", "in"),
    *(f"{verb}{end}" for verb in ("reduce", "increase", "cause") for end in ("", "s", "d")),
    *("prevent", "prevents", "prevented", "lower", "lowers", "lowered", "avoid", "avoids"),
)
_FALLS = "(?<!^)" + "".join(rf"(?<!\b{word} )" for word in _BEFORE_NOUN) + r"falls?(?!-)"

_SENSES = (
    (WORSE, r"less effective|worse\w*|inferior|slower|impair\w*|harm\w*|deteriorat\w*|aggravat\w*"),
    (
        BETTER,
        r"more effective|improv\w*|better|best|superior|trains?|benefi\w*|help\w*|eas(?:es|ed)"
        r"|reli(?:ev|ef)\w*|faster|favou?r(?:s|ed|ing)?|in favou?r"
        r"|quicker|strengthen\w*|restor\w*|good for",
    ),
    (
        LOWER,
        rf"reduc\w*|lower\w*|decreas\w*|less|fewer|smaller|short(?:er|en\w*)|soft(?:er|en\w*)"
        rf"|{_FALLS}|fell|prevent\w*|drop\w*|diminish\w*|cuts?|unload\w*|lighter",
    ),
    (
        HIGHER,
        r"more|higher|increas\w*|greater|larger|longer|rais\w*|rises?|rose|gain\w*|burns?|stronger"
        r"|heavier|boost\w*|elevat\w*",
    ),
)
SENSE = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{spelling})\b)" for name, spelling in _SENSES), re.IGNORECASE
)
_SIZE_OF_CHANGE = re.compile(
    r"\b(greater|larger|bigger|more|higher|less|smaller|lower) (?:[\w-]+ )?"
    r"(improvements?|reductions?|decreases?|increases?|gains?|drops?|falls?|relief)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|cannot|never|neither|nor|none|nothing|without|unchanged|unaffected|hardly|barely"
    r"|scarcely|fail(?:s|ed)?|lack(?:s|ed|ing)?|absence|equal(?:ly)?|equivalent|similar(?:ly)?"
    r"|alike|unlikely|myth|wrongly)\b|n['\N{RIGHT SINGLE QUOTATION MARK}]t\b"
    r"|\bno (?:\w+ ){0,2}(?:better|worse|more|less|higher|lower|differen\w+|effects?|benefits?"
    r"|gains?|improvement|reduction|change|advantage|evidence|support)"
    r"|\b(?:as|so) (?:\w+ ){1,3}as\b|\bthe same (?!programme|program|participants|people|trial"
    r"|study|patients|(?:walking )?speed|exercise|training|time|distance|treatment)",
    re.IGNORECASE,
)
_LESS_THAN = re.compile(r"\bless (?:\w+ ){0,2}than\b", re.IGNORECASE)
# "in people with mild knee pain" says who was studied, not what was measured.
_WHO = re.compile(
    r"\b(?:in|among|for) (?:[\w-]+ ){0,3}?(?:people|patients?|participants|adults?|persons?"
    r"|subjects|women|men|students|children|runners|athletes|osteoarthritis|individuals)\b[^,;.]*",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\b(?:than|against|versus|vs\.?|compared (?:with|to))\b", re.IGNORECASE)
# "VMO/VL ratio, patellofemoral pain": whose it is, not what it is.
_OF_WHOM = re.compile(
    r",\s*(?:patellofemoral|(?:chronic )?(?:low )?(?:back|neck|knee)) pain(?: and healthy)?$"
)
_SAME_SPEED = re.compile(
    r"\b(?:at )?(?:the )?(?:same|equal|matched) (?:walking )?speed", re.IGNORECASE
)
_WEEKS = re.compile(r"\b(?:weeks?|months?)\b", re.IGNORECASE)
_DOSE = re.compile(
    r"\b(\w+)[ -]min(?:ute)?s? (?:of [\w ]{1,30}? )?(?:(?:a|per|each|every) day|daily)\b"
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNTS |= {"nine": 9, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30}
# Words that name no outcome, whatever stands beside them.
_NO_OUTCOME = frozenset(
    words(
        "backward backwards forward forwards retro walking walks walked walk week weeks month "
        "months training exercise programme program therapy treatment session sessions trial "
        "trials study studies people person persons participants patients adults adult older "
        "elderly women men students healthy mild moderate severe knee knees back low lower "
        "upper hip ankle neck pelvis head body joint joints limb limbs legs foot feet same "
        "equal speed minute minutes daily times time several than when during after before "
        "above between against compared with from that this those these their there uses used "
        "give gives gave measurable significantly significant controlled control group groups "
        "test tests score scores index total rate length percent mean peak first second acute "
        "chronic osteoarthritis injury cost effect effects does much twice once six five four "
        "three eight days also both over under into each every"
    )
)
_REGIONS = tuple(
    (name, re.compile(rf"\b(?:{spelling})\b", re.IGNORECASE))
    for name, spelling in (
        ("spine", r"lumb\w+|lmc|backs?|spin\w+|trunk|pelvi\w+"),
        ("neck", r"necks?|cervical|cranio\w+|heads?"),
        ("hip", r"hips?|thighs?"),
        ("knee", r"knees?|patello\w+|pfj|e?kam|kaai|ekfm"),
        ("ankle", r"ankles?|calf|calves|foot|feet"),
    )
)
_HARMS = {"pain"}
_GOODS = {"function", "strength", "balance", "cognition", "motion", "posture"}
_LESS_IS_BETTER = re.compile(
    r"\b(?:pain\w*|n?p?nrs|nprs|vas|vrs|disab\w*|womac|odi|modi|rmdq|stiff\w*"
    r"|(?:in)?stability ind\w*|sway\w*|falls?|fear|fatigue|errors?"
    r"|anxiety|depress\w*|spasticity|cadence variability|tug)\b"
)
_MORE_IS_BETTER = re.compile(
    r"\b(?:balance|strength|function\w*|koos|rom|range|craniovertebral|flexib\w*|quality|endurance"
    r"|berg|distance|proprioception|performance|accuracy|sleep\w*|speed|velocity|posture)\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One claim of an article, as its words say it.

    Attributes
    ----------
    text : str
        The claim in the words of the record.
    source : str
        The source that the article names.
    kind : str
        `DIRECTIONS`, `TRIAL` (walking as a treatment, against anything) or `CHANGE`.
    sense : str
        `BETTER`, `WORSE`, `HIGHER` or `LOWER` on the claim's side; "" where the words do not say.
    side : str
        The direction of walking of which it speaks: "backward" or "forward".
    families : frozenset of str
        Families of outcomes (`vocabulary.FAMILIES`).
    stems : frozenset of str
        Its other words that can name an outcome.
    regions : frozenset of str
        Parts of the body that it names.
    parts : tuple of str
        The outcomes of a list ("balance", "reaction time"), where the claim is one.
    same_speed, weeks : bool
        Whether it speaks of equal speed; of weeks.
    dose : str
        The minutes a day that it names.
    named : tuple of str
        Ids of the studies that are said to bear on it.
    """

    text: str
    source: str
    kind: str
    sense: str
    side: str
    families: frozenset[str]
    stems: frozenset[str]
    regions: frozenset[str]
    parts: tuple[str, ...]
    same_speed: bool
    weeks: bool
    dose: str
    named: tuple[str, ...]

    def is_about(self, outcome: str) -> bool:
        """Tell whether an outcome is one that the claim speaks of."""
        outcome = _OF_WHOM.sub("", outcome)
        if self.stems & stems(outcome):
            return True
        elsewhere = self.regions and regions(outcome) and not self.regions & regions(outcome)
        return bool(self.families & set(families(outcome))) and not elsewhere

    @property
    def minutes(self) -> int | None:
        """Return the dose as a number."""
        word = self.dose.split(" ")[0].lower()
        return int(word) if word.isdigit() else _COUNTS.get(word)


def claim_from_row(row: Mapping[str, str]) -> Claim:
    """Return what a row of the claim table says."""
    text = row["claim_in_our_words"]
    measured = _WHO.sub(" ", f"{row['topic']}; {text}")
    meant = frozenset(families(measured))
    dose = _DOSE.search(text.lower())
    return Claim(
        text=text,
        source=row["source_named_by_article"],
        kind=_kind(row["design_claimed"], text),
        sense=_claimed_sense(text, meant),
        side=_side(text),
        families=meant,
        stems=stems(measured),
        regions=regions(measured),
        parts=_parts(text),
        same_speed=_SAME_SPEED.search(text) is not None,
        weeks=_WEEKS.search(text) is not None,
        dose=f"{dose.group(1)} minutes a day" if dose else "",
        named=tuple(n.strip() for n in row["evidence_study_ids"].split(";") if n.strip()),
    )


def _kind(design: str, text: str) -> str:
    """Return the kind of comparison: from the design that is claimed, else from the words."""
    said = design.lower()
    against = _COMPARED.sub("\n", text, count=1).partition("\n")[2]
    if "mechanism" in said or walks_forward(said):
        return DIRECTIONS
    if walks_forward(against) or walks_backward(against):
        return DIRECTIONS
    return CHANGE if re.search(r"\bpre\b|\bbefore\b|\bwithin\b", said) else TRIAL


def _side(text: str) -> str:
    """Return the direction of walking of which a text speaks; backward where it names none.

    >>> _side("Forward walking eases pain more than backward"), _side("eases it more than forward")
    ('forward', 'backward')
    """
    spoken, _, compared = _COMPARED.sub("\n", text, count=1).partition("\n")
    first = next((w for w in words(spoken) if walks_backward(w) or walks_forward(w)), "")
    if first:
        return "forward" if walks_forward(first) else "backward"
    return "forward" if walks_backward(compared) and not walks_forward(compared) else "backward"


def _claimed_sense(text: str, meant: frozenset[str]) -> str:
    """Return what a claim says of its outcome; less of a harm is better, more of a good as well."""
    text = _SAME_SPEED.sub("", text)
    if _NEGATED.search(text):
        return ""
    said = sense_of(text)
    verb, less = SENSE.search(text), _LESS_THAN.search(text)
    if verb and less and verb.end() <= less.start():
        said = OPPOSITE[said]
    better = _better_side(text, verb.end() if verb else 0, meant)
    if better and said in (HIGHER, LOWER):
        return BETTER if said == better else WORSE
    return said


def _better_side(text: str, start: int, meant: frozenset[str]) -> str:
    """Return which of higher and lower is better in the outcome of a claim; "" where unsaid.

    By its first word for a harm or a good behind the verb, else before it, else by the family.
    """
    for part in (text[start:], text[:start]):
        harm, good = (one.search(part.lower()) for one in (_LESS_IS_BETTER, _MORE_IS_BETTER))
        if harm or good:
            first = harm and (not good or harm.start() < good.start())
            return LOWER if first else HIGHER
    if meant and meant <= _HARMS:
        return LOWER
    return HIGHER if meant and meant <= _GOODS else ""


def sense_of(text: str) -> str:
    """Return the first word of a text that says better, worse, higher or lower; "" without one.

    A greater reduction is a reduction, a smaller improvement the opposite of one.

    >>> sense_of("within participants, backward higher"), sense_of("paired")
    ('higher', '')
    >>> sense_of("significantly greater decrease"), sense_of("smaller improvement")
    ('lower', 'worse')
    """
    change = _SIZE_OF_CHANGE.search(text)
    found = SENSE.search(text)
    if found is None:
        return ""
    if change is None or change.start() > found.start():
        return str(found.lastgroup)
    changed = sense_of(change.group(2))
    return changed if sense_of(change.group(1)) == HIGHER else OPPOSITE[changed]


def polarity(outcome: str, declared: str = "") -> str:
    """Return whether `HIGHER` or `LOWER` of an outcome is better; "" where nothing says so.

    >>> polarity("NRS week 6"), polarity("overall stability index"), polarity("oxygen uptake")
    ('lower', 'lower', '')
    """
    said = declared.lower().strip()
    if said.startswith("lower"):
        return LOWER
    if said.startswith(("higher", "greater")):  # "greater reduction": more of what is printed
        return HIGHER
    text = outcome.lower()
    if _LESS_IS_BETTER.search(text):
        return LOWER
    return HIGHER if _MORE_IS_BETTER.search(text) else ""


def wanted(sense: str, better: str) -> str:
    """Return whether `HIGHER` or `LOWER` bears a claim out, given which of the two is better."""
    if sense in (HIGHER, LOWER, ""):
        return sense
    return better if sense == BETTER else OPPOSITE[better]


def stems(text: str) -> frozenset[str]:
    """Return the words of a text that can name an outcome, plurals folded.

    >>> sorted(stems("Shorter strides of backward walking")), sorted(stems("stride length"))
    (['stride'], ['stride'])
    """
    bare = SENSE.sub(" ", text)
    found = {word for word in words(bare) if word.isalpha() and len(word) > 3}
    return frozenset(w.removesuffix("s") for w in found if w not in _NO_OUTCOME)


def regions(text: str) -> frozenset[str]:
    """Return the parts of the body that a text names.

    >>> sorted(regions("thigh/calf/foot ROM")), sorted(regions("NRS week 6"))
    (['ankle', 'hip'], [])
    """
    return frozenset(name for name, spelling in _REGIONS if spelling.search(text))


def _parts(text: str) -> tuple[str, ...]:
    """Return the items of a list of outcomes behind the claim's verb, where all are short."""
    verb = SENSE.search(text)
    listed = _COMPARED.split(text[verb.end() :])[0] if verb else ""
    items = re.split(r",|\band\b", re.sub(r"\s(?:more|less|better)\s*$", "", listed))
    parts = tuple(item.strip() for item in items if item.strip())
    return parts if len(parts) > 1 and all(len(part.split()) < 3 for part in parts) else ()
