"""The field's words, so that two spellings of one arm or outcome are seen to be the same."""

from __future__ import annotations

import re
from functools import lru_cache

_ARM_WORDS = {
    "retro": "backward",
    "retrowalk": "backward",
    "retrowalking": "backward",
    "reverse": "backward",
    "backwards": "backward",
    "bw": "backward",
    "bwt": "backward",
    "bwe": "backward",
    "fw": "forward",
    "fwt": "forward",
    "forwards": "forward",
    "conventional": "control",
    "conv": "control",
    "usual": "control",
    "routine": "control",
    "pt": "control",
}
_ARM_FILLER = {"inferred", "derived", "arm", "group", "walking", "the", "care", "lower", "scoring"}
_OUTCOME_WORDS = {
    "lmc": "movement control",
    "nprs": "nrs",
    "scores": "score",
    "tests": "test",
    "withdrawal": "withdrawals",
}
_OUTCOME_FILLER = {"to", "of", "the", "at", "in", "and", "score"}
_TIME = re.compile(
    r"\b(?:weeks?|wks?|months?|days?|years?|visit|w)\s*\d+\b"
    r"|\b\d+[\s-]*(?:weeks?|wks?|months?|days?|years?)\b|\bbaseline\b|\bfinal\b|\bpre\b|\bpost\b"
    r"|\bpost-intervention\b|\bfollow-?up\b",
    re.IGNORECASE,
)
CHANGE = re.compile(r"\b(?:change|changes|gain|gains|decrease|increase|improvement|reduction)\b")
_BEFORE = re.compile(r"^(?:baseline|pre\b|pre-|week 0\b|w0\b)")
FAMILIES = {
    "pain": {"pain", "nrs", "nprs", "vas", "vrs"},
    "function": {"function", "womac", "disability", "odi", "modi", "koos", "functional", "rmdq"},
    "loading": {"load", "loading", "kam", "ekam", "kaai", "ekfm", "moment", "force", "grf"},
    "motion": {"motion", "lmc", "lumbar", "rom", "movement", "rhythm", "pelvic", "trunk"},
    "muscle": {"muscle", "muscles", "mvic", "emg", "multifidus", "erector", "vmo", "vl", "femoris"},
    "strength": {"strength", "quadriceps"},
    "balance": {"balance", "stability", "biodex", "coordination"},
    "cognition": {"reaction", "stroop", "executive", "shifting"},
    "energy": {"energy", "calories", "oxygen", "heart", "vo2", "ventilation"},
    "posture": {"posture", "lordosis", "craniovertebral", "craniorotational", "kyphosis"},
}
# Words that say nothing of how a number was computed beyond what the table and the checks read.
_PLAIN = """
above absolute abstract after against agreement all allocated allocation alpha also analysis and
anova appendix are arm arms assessor assessors association assumed average back backward balanced
baseline before below beside better between binary bivariate blind blinded blinding both
calculated calculator case cases center centers centre centres change changes chi chi2 chisq
chisquare clinical cochrane coefficient cohen cohort column columns common comparative comparison
comparisons computed concealed condition conditions confidence consistency continuity contrast
control controlled conventional corrected correction correlation correlational count counts cox
cross crude data day days decrease degrees derived dersimonian descriptive difference differences
direction directions dose double effect effects end epi equal equality error estimate evaluator
evaluators exact examiner examiners excel exercise experimental fallers faster favour favours
feasibility figure figures final first fisher fixed follow followup for forward freedom from gain
gains gait generic given glass global graphpad greater group groups haenszel half hartung hazard
hazards hedges heteroscedastic higher hoc homoscedastic hour hours hypothesis ibm icc improvement
inc increase increment independence independent info inter interaction interval intervals
intervention interventional interventions intra investigator its jamovi jasp jmp kappa knapp
kruskal label labelled laboratory laird larger lbp least less level levels likelihood line linear
log logistic logrank low lower lsd main mann mantel masked masking matlab mdc mean means measured
measurement medcalc meta method methods minitab mixed model models moment month months more multi
multicenter multicentre multiple noncentral nonrandomised nonrandomized not null number
observational obtained odds omnibus one open order ordinary other outcome outcomes outpatient
outpatients overall package page pair paired pairs pairwise parallel parametric participants
participating patients pearson people per percent performed person persons phase physical
physiotherapists pilot points poisson pooled post posttest posttreatment pragmatic pre preliminary
presented pretest printed prism probability procedure product program programme proportion
proportional proportions prospective python quasi random randomised randomized rank rate rater
raters rates ratio rct read reduction regression rehabilitation relative reliability reml reported
reports responder responders result results retest retro review revman risk rom row rows same
sample samples sas scale scipy score second section sectional see seen sem series session sessions
shown sides sigmaplot significance significant simple single size sizes smaller software spearman
spss square squared squares standard stata statistic statistica statistical statistically
statistics statsmodels student studies study subject subjects sum superiority supplement
supplementary systematic table tables test tested testing tests text than that the their therapy
these this three time total training treatment treatments trial trials two type uncontrolled
uncorrected unequal univariate used using usual value values variance variances verbatim version
versus visit visits wald walk walking wallis was washout way week weeks welch were which whitney
wilcoxon window windows with within without woolf yates
"""
PLAIN = frozenset(_PLAIN.split())
# Who was studied, where and by whom: in a study's design they say nothing of how a number came
# about; in the words about one number they can mean a part of its people.
_OF_DESIGNS = """
academic active acute adult adults aged aim ambulatory analog ankle arthritis arthroplasty
assessments assigned assignment athletes athletic attending balance biomechanical biomechanics care
centered chronic city clinic clinics college colleges community comparator conference consecutive
convenience department design designs diabetes different disease domiciliary eight elderly
electromyographic electromyography eleven elite emg evaluating evaluation explanatory exploratory
feasible female females field five flexion foot force four grade grades gym healthy hemiparesis hip
home hospital hospitals individuals indoor inpatient inpatients institution institutional
investigation kinematic kinematics knee laboratories ligament limb lumbar male males man men middle
motion muscle nationwide neurological nine non nonspecific obese obesity office old older
orthopaedic orthopedic osteoarthritis outdoor overground overweight pain parkinson patellofemoral
physiotherapist physiotherapy platform practice primary private protocol public reconstruction
recreational recruited recruitment registered registration registry rehab replacement
reproducibility residential rural school schools sclerosis secondary sedentary setting settings
seven short site six speed spine sports stage stroke supervised surgery survivors syndrome task ten
tertiary therapist therapists tka tkr treadmill twelve university urban veterans volunteers wait
waiting walkers water woman women workers young younger youth
"""
PLAIN_OF_DESIGNS = PLAIN | frozenset(_OF_DESIGNS.split())


def words(text: str) -> list[str]:
    """Return the lower-case words and numbers of a text, in order.

    >>> words("B retro+conventional")
    ['b', 'retro', 'conventional']
    """
    return re.findall(r"[a-z0-9]+(?:\.[0-9]+)?|%", text.lower())


@lru_cache(maxsize=4096)
def arm_words(text: str) -> frozenset[str]:
    """Return the words that identify an arm, synonyms folded.

    >>> sorted(arm_words("retro-walking + usual care"))
    ['backward', 'control']
    """
    folded = (_ARM_WORDS.get(word, word) for word in words(text))
    return frozenset(word for word in folded if word not in _ARM_FILLER)


@lru_cache(maxsize=4096)
def outcome_words(text: str) -> frozenset[str]:
    """Return the words that identify an outcome or instrument, time points left out.

    >>> sorted(outcome_words("WOMAC total week 4"))
    ['total', 'womac']
    """
    bare = _TIME.sub(" ", text)
    folded = " ".join(_OUTCOME_WORDS.get(word, word) for word in words(bare)).split()
    return frozenset(word for word in folded if word not in _OUTCOME_FILLER)


def time_in(text: str) -> str:
    """Return the time point that a label names, normalised, or "".

    >>> time_in("NRS, WOMAC week 4"), time_in("WOMAC")
    ('week 4', '')
    """
    found = _TIME.search(text)
    return same_time(found.group(0)) if found else ""


def visits_in(text: str) -> tuple[str, ...]:
    """Return the numbered visits that a text names, each once, in one spelling.

    >>> visits_in("baseline to week 6"), visits_in("3-month and 6 wk")
    (('week 6',), ('month 3', 'week 6'))
    """
    found = (same_time(match.group(0)) for match in _TIME.finditer(text))
    return tuple(dict.fromkeys(visit for visit in found if visit[-1].isdigit()))


def same_time(text: str) -> str:
    """Return a time point with its unit first and in one spelling.

    >>> same_time("12 weeks"), same_time("wk 6"), same_time("Post")
    ('week 12', 'week 6', 'post')
    """
    label = re.sub(r"[\s-]+", " ", text.strip().lower())
    number = re.search(r"\d+", label)
    unit = re.search(r"[a-z]+", label)
    if number is None or unit is None:
        return label
    names = {"w": "week", "wk": "week", "wks": "week", "weeks": "week"}
    name = names.get(unit.group(0), unit.group(0).removesuffix("s"))
    return f"{name} {int(number.group(0))}"


def is_before(timepoint: str) -> bool:
    """Tell whether a time point lies before treatment."""
    label = timepoint.strip().lower()
    spans = re.search(r"\bto\b|-\s?post|\bpost-pre\b", label)
    return _BEFORE.match(label) is not None and spans is None


def spans_time(timepoint: str) -> bool:
    """Tell whether a time point is a span, as "baseline to week 6" is."""
    return re.search(r"\bto\b|post-pre|pre-post", timepoint.lower()) is not None


def speaks_of_change(text: str) -> bool:
    """Tell whether a label is about change rather than about a score at one visit."""
    return CHANGE.search(text.lower()) is not None


def family(text: str) -> str:
    """Return the family of an outcome ("pain", "function", ...), or "".

    The first family in the order of `FAMILIES` that shares a word wins.

    >>> family("WOMAC week 6"), family("knee pain"), family("sleep efficiency")
    ('function', 'pain', '')
    """
    return next(iter(families(text)), "")


def families(text: str) -> tuple[str, ...]:
    """Return every family of outcomes that a text speaks of, in the order of `FAMILIES`.

    >>> families("trains balance, coordination and reaction time")
    ('balance', 'cognition')
    """
    found = set(words(text))
    return tuple(name for name, members in FAMILIES.items() if found & members)


def is_merged_arm(arm: str) -> bool:
    """Tell whether an arm's label says that a source merged two arms."""
    return re.search(r"\b(?:combined|merged|pooled)\b", arm.lower()) is not None


def walks_backward(text: str) -> bool:
    """Tell whether an arm's description holds backward walking."""
    return "backward" in arm_words(text)


def walks_forward(text: str) -> bool:
    """Tell whether an arm's description holds forward walking."""
    return "forward" in arm_words(text)
