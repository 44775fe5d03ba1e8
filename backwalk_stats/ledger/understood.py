"""Whether a free text was understood as a whole: no number is failed beside words that were not.

A note can change what a number is ("women only", "outliers removed", "weighted"). What the table of
synonyms knows has been read; what is left over and is no plain word of a trial or a test has not.
"""

from __future__ import annotations

import re
from functools import lru_cache

from backwalk_stats.ledger.case import Arm, Cell, Contrast
from backwalk_stats.ledger.synonyms import SYNONYMS, blanked

# Words that say nothing of how a number was computed beyond what the checks read for themselves.
_PLAIN = """
above absolute abstract after against agreement all also analysis and anova are arm arms assessor
assumed average back backward baseline before below beside between blind blinded both calculated
case cases change changes chi chi2 chisq chisquare cochrane coefficient cohen cohort column
columns common comparison comparisons complete computed condition conditions confidence
consistency continuity contrast control controlled conventional corrected correction correlation
count counts cox cross crude data day days decrease degrees dersimonian difference differences
direction directions dose double effect effects end equal error estimate exact exercise fallers
feasibility figure final first fisher fixed follow followup for forward freedom from gait generic
given glass graphpad greater group groups haenszel half hartung hazard hazards hedges
heteroscedastic higher hoc homoscedastic hour hours hypothesis icc improvement increase increment
independent inter interaction interval intervals intra inverse its jamovi jasp kappa knapp kruskal
laird larger lbp less level levels likelihood line linear log logistic logrank low lower lsd main
mann mantel mdc mean means measured measurement meta method methods mixed model models month
months more multiple noncentral not null number observational odds one ordinary other outcome
outcomes page pair paired pairs pairwise parallel participants patients pearson people per percent
performed person persons phase pilot points poisson pooled post pre printed prism probability
proportion proportional proportions prospective random randomised randomized rank rate rater
raters ratio rct read reduction regression relative reliability reml reported reports responder
responders result results retest retro review revman risk rom row rows same sample samples sas score
second sectional see seen sem session sessions significance significant single size sizes smaller
software spearman spss square squared squares standard stata statistic statistics student studies
study subject subjects sum systematic table test tested tests text than that the their these this
three time times total training trial trials two type unequal used using usual value values
variance variances verbatim version versus visit visits wald walk walking wallis was way week
weeks welch were which whitney wilcoxon with within without woolf yates
"""
PLAIN = frozenset(_PLAIN.split())
_WORD = re.compile(r"[^\W\d_]{3,}")


# The fields of the table that are read of a comparison, and of the scores of an arm.
OF_SCORES = ("scores", "spread")


def strange_words(case: Contrast | Arm) -> tuple[str, ...]:
    """Return the words about a case that were not understood, the names of its parts left out."""
    study = case.study
    texts = [study.analysis, study.design]
    if isinstance(case, Contrast):
        texts += [case.contrast_type, case.method, case.model, case.note]
        names = f"{case.arm_a} {case.arm_b} {case.outcome} {' '.join(study.arms)}"
        notes = [cell.note for cell in cells_behind(case)]
    else:
        names = f"{case.cell.arm} {case.cell.outcome} {case.cell.instrument} {' '.join(study.arms)}"
        notes = [case.cell.note]
    own = set(_WORD.findall(names.lower()))
    found = [word for text in texts for word in not_understood(text)]
    found += [word for note in notes for word in not_understood(note, of_scores=True)]
    return tuple(word for word in dict.fromkeys(found) if word not in own)


def cells_behind(contrast: Contrast) -> list[Cell]:
    """Return every outcome row that a comparison was linked to."""
    others = (cell for group in contrast.others for cell in group)
    beside = (contrast.before_first, contrast.before_second)
    beside += (contrast.change_first, contrast.change_second)
    linked = (*contrast.first, *contrast.second, *others, *beside)
    return [cell for cell in linked if cell is not None]


@lru_cache(maxsize=4096)
def not_understood(text: str, *, of_scores: bool = False) -> tuple[str, ...]:
    """Return the words of a text that neither the table of synonyms nor the plain words hold.

    >>> not_understood("independent t-test, two-sided"), not_understood("women only, weighted")
    ((), ('women', 'only', 'weighted'))
    """
    left = text
    for field in dict.fromkeys(field for field, _, _ in SYNONYMS):
        if of_scores or field not in OF_SCORES:
            left = blanked(field, left)
    return tuple(dict.fromkeys(w.lower() for w in _WORD.findall(left) if w.lower() not in PLAIN))
