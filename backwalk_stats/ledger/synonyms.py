"""The one table of the words that papers use for how a number was computed.

A word of a free-text cell counts as read only through this table; what it does not know is not
read. Patterns stand in order: the first to find a stretch of text keeps it, so that "log odds
ratio" is no odds ratio and "unadjusted" no adjustment.
"""

from __future__ import annotations

import re
from functools import cache

# Scales on which an estimate and its interval stand.
DIFFERENCE = "difference"
ODDS_RATIO, RISK_RATIO, HAZARD_RATIO = "odds ratio", "risk ratio", "hazard ratio"
RATE_RATIO, RATIO_OF_MEANS = "rate ratio", "ratio of means"
STANDARDISED = "standardised difference"
REGRESSION, STANDARDISED_REGRESSION = (
    "regression coefficient",
    "standardised regression coefficient",
)
RATIOS = (ODDS_RATIO, RISK_RATIO, HAZARD_RATIO, RATE_RATIO, RATIO_OF_MEANS)
CORRELATION, RANK_CORRELATION = "correlation", "rank correlation"
PARTIAL_ETA, ETA = "partial eta squared", "eta squared"

# Each line: what is read, the word for it in this package, and the spellings.
SYNONYMS: tuple[tuple[str, str, str], ...] = (
    ("scale", "log ratio", r"\blog[- ]?(?:odds|risk|hazard|rate|response)[- ]?ratios?|\blog ?OR\b"),
    ("scale", "ratio of odds ratios", r"\bratio of (?:odds|risk|hazard|rate) ratios"),
    ("scale", RATE_RATIO, r"\b(?:incidence[- ])?rate[- ]ratios?\b|\bIRRs?\b"),
    ("scale", ODDS_RATIO, r"\bodds[- ]ratios?\b|(?-i:\b[ac]?ORs?\b)"),
    ("scale", HAZARD_RATIO, r"\bhazards?[- ]ratios?\b|(?-i:\ba?HRs?\b)"),
    (
        "scale",
        RISK_RATIO,
        r"\b(?:risk|prevalence)[- ]ratios?\b|\brelative risks?\b|(?-i:\ba?RRs?\b)",
    ),
    (
        "scale",
        RATIO_OF_MEANS,
        r"\bratios? of (?:the )?(?:adjusted )?(?:geometric |arithmetic )?means?\b|\bmeans? ratios?\b"
        r"|\bgeometric means? ratios?\b|\bresponse ratios?\b|\bfold[- ]changes?\b"
        r"|(?-i:\bGMRs?\b|\bRoM\b|\bROM ratio\b)",
    ),
    ("scale", "win ratio", r"\bwin[- ]ratios?\b"),
    (
        "scale",
        "risk difference",
        r"\brisk[- ]differences?\b|\bdifferences? (?:in|of|between) (?:proportions?|risks?|rates?)\b"
        r"|\babsolute risk\b|(?-i:\bARR\b|\bARD\b|\bNNT\b)|\bnumbers? needed\b",
    ),
    (
        "scale",
        STANDARDISED,
        r"\bstandardi[sz]ed (?:mean )?(?:differences?|changes?|effects?)\b|\bSMDs?\b|\bhedges\b"
        r"|\bcohen'?s?\W*(?:d|effect)\b|\bglass\b|\beffect size (?:d|g)\b|\bSMC[CR]\b"
        r"|\bstandardi[sz]ed response\b|^\s*[dg]\s*$",
    ),
    (
        "scale",
        "median difference",
        r"\bmedian (?:of )?(?:the )?(?:\w+ )?(?:differences?|changes?)\b|\bhodges\b|\bpseudo-?median"
        r"|\blocation shift\b|\bdifferences? (?:in|of|between) (?:the )?medians?\b",
    ),
    (
        "scale",
        "auc",
        r"\barea under\b|\bAU[RO]*C\b|\bAUROC\b|\bc[- ](?:statistic|index)\b|\bROC\b|\bconcordance\b"
        r"|\bprobability of superiority\b|\bP\(X ?[<>] ?Y\)",
    ),
    ("scale", "icc", r"\bintra-?class\b|\bICCs?\b"),
    ("scale", "kappa", r"\bkappas?\b|\N{GREEK SMALL LETTER KAPPA}"),
    (
        "scale",
        PARTIAL_ETA,
        r"\bpartial[- ]eta\b|\bpartial \N{GREEK SMALL LETTER ETA}|"
        r"\N{GREEK SMALL LETTER ETA}_?p\b|\bnp2\b|\beta_?p\b|\bpartial eta",
    ),
    ("scale", ETA, r"\beta[- ]?(?:squared|2)\b|\N{GREEK SMALL LETTER ETA}"),
    (
        "scale",
        "other share of variance",
        r"\bomega[- ]?squared\b|\bepsilon[- ]squared\b|\br[- ]squared\b|(?-i:\bR2\b)"
        r"|\bcoefficient of determination\b",
    ),
    (
        "scale",
        RANK_CORRELATION,
        r"\bspearman\b|\bkendall\b|\bs?rho\b|\btau-?b?\b|\brank[- ](?:biserial )?correlation",
    ),
    ("scale", "partial correlation", r"\b(?:semi-?)?partial correlations?\b"),
    ("scale", CORRELATION, r"\bpearson\b(?!'?s?\W+chi)|\bcorrelations?\b|\bcorrelated\b"),
    (
        "scale",
        STANDARDISED_REGRESSION,
        r"\bstandardi[sz]ed (?:regression )?(?:coefficients?|betas?|b)\b|\bstd\W*beta"
        r"|(?<!un)standardi[sz]ed slope",
    ),
    (
        "scale",
        REGRESSION,
        r"\b(?:un-?standardi[sz]ed )?regression coefficients?\b|\bunstandardi[sz]ed\b|\bslopes?\b"
        r"|\bregression (?:estimate|weight|slope)",
    ),
    (
        "scale",
        "percent difference",
        r"\bper\s?cent(?:age)? (?:differences?|changes?|reductions?)\b|% (?:difference|change)"
        r"|\brelative (?:change|difference)\b",
    ),
    (
        "scale",
        DIFFERENCE,
        r"\bmean (?:of )?(?:the )?(?:\w+ )?(?:differences?|changes?)\b|\b[WA]?MDs?\b|\bdifferences?\b"
        r"|\bdifferences? (?:in|of|between)\b",
    ),
    # What a p speaks against, when it is not the absence of an effect.
    (
        "margin",
        "margin",
        r"\bnon[- ]?inferior\w*|\bequivalen\w+|\bmargins?\b|\bTOST\b|\bsuperiority (?:by|bound|margin)"
        r"|\bminimal[- ]effects? tests?\b|\bagainst (?:the )?(?:MCID|MCIC|MID|norm)\w*\b",
    ),
    # Sides.
    ("sides", "two", r"\bnon-?directional\b"),
    (
        "sides",
        "one",
        r"\b(?:one|1|single|uni)[-\s]?(?:tail(?:s|ed)?|sided?|way tail)\b|\bunilateral (?:test|p)\b"
        r"|(?<!bi)\bdirectional\b|\b(?:upper|lower|left|right)[- ](?:tail(?:ed)?|sided)\b"
        r"|\bone[- ]way p\b",
    ),
    (
        "sides",
        "two",
        r"\b(?:two|2|both|double)[-\s]?(?:tail(?:s|ed)?|sided?)\b|\bbilateral (?:test|p)\b",
    ),
    # The p that stands beside something else than the effect.
    (
        "role",
        "heterogeneity",
        r"\bheterogene\w+|\bbeside I\s?(?:2|\N{SUPERSCRIPT TWO}|squared)|\bcochran'?s? ?q\b"
        r"|\binconsistency\b|\bsubgroup differences?\b",
    ),
    (
        "role",
        "interaction",
        r"\binteractions?\b|\b(?:time|visit|session)s?\s?(?:x|\N{MULTIPLICATION SIGN}|\*|by)\s?"
        r"(?:groups?|arms?|treatments?|conditions?)\b"
        r"|\b(?:groups?|arms?|treatments?|conditions?)\s?(?:x|\N{MULTIPLICATION SIGN}|\*|by)\s?"
        r"(?:time|visit|session)s?\b",
    ),
    ("role", "trend", r"\b(?:for|linear|p[- ]?) ?trend\b"),
    ("role", "assumption", r"\blevene\b|\bshapiro\b|\bmauchly\b|\bkolmogorov\b|\bnormality\b"),
    # Corrections of a p or of its degrees of freedom.
    (
        "correction",
        "sphericity",
        r"\bgreenhouse\b|\bgeisser\b|\bGG[- ]?(?:corrected|adjusted|\b)|\bhuynh\b|\bfeldt\b"
        r"|\bHF[- ]corrected\b|\bspheric\w+|\blower[- ]bound (?:correct|epsilon)\w*",
    ),
    (
        "correction",
        "several",
        r"\bbonferroni\b|\bholm\b|\bhochberg\b|\bhommel\b|\btukey\w*|\bHSD\b|\bscheff\w+|\bdunnett\b"
        r"|\bdunn'?s?\b|\bsidak\b|\b\N{LATIN SMALL LETTER S WITH CARON}id"
        r"\N{LATIN SMALL LETTER A WITH ACUTE}k\b|\bgames[- ]howell\b|\bnewman\b|\bkeuls\b|\bduncan\b"
        r"|\bFDR\b|\bfalse discovery\b|\bbenjamini\b|\bmultiplicity\b|\bfamily-?wise\b"
        r"|\bmultiple (?:comparisons?|testing|tests?)\b|\b(?:adjusted|corrected) p\b"
        r"|\bp\W?(?:values?)? (?:was |were |is )?(?:adjusted|corrected)\b|\bsimultaneous\b",
    ),
    # Ways to a p that no printed statistic determines.
    (
        "resampled",
        "resampled",
        r"\bpermut\w+|\bbootstrap\w*|\brandomi[sz]ation tests?\b|\bmonte[- ]carlo\b|\bjack-?knife\b"
        r"|\bresampl\w+|\bre-?randomi[sz]\w+",
    ),
    ("bayes", "bayes", r"\bbayes\w*|\bcredible\b|\bposterior\b|\bCrIs?\b|\bHD[IP]s?\b"),
    ("exact", "exact", r"\bfisher'?s?\b|\bexact\b|\bmid-?p\b|\bbarnard\b|\bboschloo\b"),
    (
        "interval",
        "not by a standard error",
        r"\bprofile\b|\bBCa\b|\bpercentile\b|\bexact\b|\bclopper\b|\bwilson\b|\bnewcombe\b|\bfieller\b"
        r"|\bprediction interval|\blimits of agreement\b|\bfisher'?s? z\b|\brank[- ]based\b",
    ),
    # Whether the numbers are those of a model with covariates.
    ("adjusted", "crude", r"\bun-?adjusted\b|\bcrude\b|\bnot adjusted\b|\bunivaria(?:te|ble)\b"),
    (
        "adjusted",
        "p alone",
        r"\badjusted p\b|\b(?:bonferroni|holm|tukey|sidak|multiplicity|FDR)[- ]adjust\w+"
        r"|\badjust\w* for mult\w+",
    ),
    (
        "adjusted",
        "adjusted",
        r"\bANCOVAs?\b|\banalysis of covariance\b|\badjust\w+|\bcovari\w+|\bcontroll(?:ed|ing) for\b"
        r"|\bleast[- ]squares? means?\b|\bLS[- ]?M(?:eans?)?\b|\bmarginal means?\b|\bEMMs?(?:eans)?\b"
        r"|\bmodel[- ](?:based|estimated|derived|predicted)\b|\bpredicted means?\b"
        r"|\bbaseline as (?:a )?covariate\b|\bmulti(?:ple|variable|variate)\b",
    ),
    # What kind of model.
    (
        "model",
        "mixed",
        r"\b(?:linear |generali[sz]ed )?mixed[- ](?:effects?|models?|linear|model)\b|\bMMRMs?\b"
        r"|\bG?LMMs?\b|\brandom[- ](?:effects?|intercepts?|slopes?)\b|\bmulti-?level\b"
        r"|\bhierarchical\b|\bGEEs?\b|\bgenerali[sz]ed estimating\b|\bmixed\b(?! anova)|\bREML\b"
        r"|\bmaximum likelihood\b",
    ),
    (
        "model",
        "repeated",
        r"\brepeated[- ]measures?\b|\bRM[- ]?(?:AN)\w*|\bwithin[- ](?:subjects?|participants?|persons?)"
        r"\b|\bmixed anova\b|\bsplit[- ]plot\b|\b(?:sessions?|visits?|trials?) (?:a|per) (?:person|\w+)"
        r"|\b(?:two|three|four|five|\d) sessions?\b|\brepeated\b|\bfactorial\b|\btwo[- ]way\b",
    ),
    # Whether both sides are the same people.
    (
        "people",
        "different",
        r"\bun-?paired\b|\bnon-?paired\b|\bindependent\b|\btwo[- ]samples?\b|\b2[- ]samples?\b"
        r"|\bparallel\b|\bbetween[- ](?:subjects?|participants?|persons?)\b",
    ),
    (
        "people",
        "same",
        r"\bpaired\b|\bdependent\b|\bmatched\b|\bcross-?\s?over\b|\bAB/?BA\b|\bsame (?:people|persons|"
        r"participants|subjects|patients)\b|\bwithin[- ](?:persons?|participants?|subjects?|people|"
        r"individuals?|groups?)\b|\bcounter-?balanced\b|\bsingle[- ]group\b|\bone[- ]group\b"
        r"|\bself-?controlled\b|\bcontralateral\b|\bwilcoxon signed\b|\bsigned[- ]rank\b"
        r"|\brepeated[- ]measures\b|\bcorrelated t\b",
    ),
    (
        "people",
        "different",
        r"\b(?:two|three|four|2|3|4)[- ](?:arm|group)s?\b|\bRCT\b|\brandomi[sz]ed\b|\bcase[- ]control\b"
        r"|\bcohort\b|\bcluster\b|\bquasi\b",
    ),
    # How the scores behind a mean were formed.
    (
        "scores",
        "imputed",
        r"\bimput\w+|\bLOCF\b|\bBOCF\b|\blast observation\b|\bcarried forward\b|\bMICE\b",
    ),
    (
        "scores",
        "averaged",
        r"\b(?:mean|average)s? (?:score )?(?:of|over|across) (?!whom)|\bitem[- ](?:mean|average)s?\b"
        r"|\bper[- ]item\b|\baverag\w+|\bmean (?:item|daily|weekly|of)\b|\b(?:daily|weekly) mean\b"
        r"|\b\d+[- ](?:day|item|trial)s? (?:mean|average)\b|\bnormali[sz]ed\b|\btransformed\b"
        r"|\brescaled\b|\bcomposite\b",
    ),
    (
        "scores",
        "adjusted",
        r"\b(?<!un)adjusted\b|\bleast[- ]squares? means?\b|\bLS[- ]?M(?:eans?)?\b"
        r"|\bmarginal means?\b|\bEMMs?(?:eans)?\b|\bmodel[- ](?:based|estimated)\b|\bpredicted\b",
    ),
    (
        "scores",
        "continuous",
        r"\bVAS\b|\bvisual analogue?\b|\bhalf[- ]points?\b|\b0?\.\d+ (?:steps?|points?)\b"
        r"|\bsteps? of 0?\.\d+\b|\bsliders?\b|\bcontinuous\b|\bnot read\b|\bmm\b",
    ),
    (
        "scores",
        "another scale",
        r"\blog(?:arithm\w*|s|-?\s?transform\w*|[- ]scale)?\b|\bgeometric\b|\bback-?\s?transform\w*"
        r"|\bmedians?\b|\bbootstrap\w*|\bBCa\b|\bcredible\b|\bbayes\w*|\bpoisson\b|\btrimmed\b"
        r"|\bharmonic\b|\bCrIs?\b|\bprediction interval|\bpercentiles?\b|\bjack-?knife\b",
    ),
    # Whether a percentage counts people.
    (
        "counted",
        "something else",
        r"\b(?:sessions?|visits?|exercises?|doses?|attendance|minutes?|days?|tasks?|trials?|time"
        r"|tests?|items?|probabilit\w+|predicted)\b",
    ),
    (
        "counted",
        "people",
        r"\bresponders?\b|\bresponder rates?\b|\bcomplet(?:ed|ers?|ion)\b|\bdropped out\b"
        r"|\bwithdraw(?:n|als?)\b|\bwithdrew\b|\bdrop-?\s?outs?\b|\blost to follow-?up\b"
        r"|\battrition\b|\b(?:non-?)?fallers?\b|\badherent\b|^\s*with\s"
        r"|\b(?:participants|patients|people|persons|subjects|women|men) (?:with|who|reach\w+|achiev\w+"
        r"|report\w+|improv\w+)\b|\b(?:proportion|percentage|share) of (?:the )?(?:participants|patients"
        r"|people|persons|subjects|women|men)\b|^\s*(?:females?|males?|women|men|sex|gender)\s*(?:;|$)",
    ),
    # Whether everybody of the first visit stands behind the numbers of the last.
    ("kept", "imputed or all", r"\bintent\w*[- ]to[- ]treat\b|\bITT\b|\bimput\w+|\bLOCF\b"),
    (
        "kept",
        "the same people",
        r"\bcomplete[- ]?cases?\b|\bcompleters?\b|\bper[- ]protocol\b|\bno ?(?:body|one) (?:was )?lost\b"
        r"|\bno (?:drop-?\s?outs?|withdrawals?|losses|loss to follow-?up|missing)\b"
        r"|\ball (?:\w+ )?completed\b|\bnone (?:was |were )?lost\b",
    ),
    # How the variance between studies was estimated: only some ways give I2 by Q.
    (
        "estimator",
        "another",
        r"\bREML\b|\brestricted maximum\b|\bmaximum likelihood\b|\bpaule\b|\bmandel\b|\bsidik\b"
        r"|\bempirical bayes\b|\bhunter\b|\bbayes\w*|\bmetafor\b|\bmulti-?level\b|\bthree-level\b"
        r"|\brobust variance\b",
    ),
    (
        "estimator",
        "Q",
        r"\bder\s?simonian\b|\blaird\b|\bD\W?L\b|\bfixed[- ]effects?\b|\bcommon[- ]effects?\b"
        r"|\binverse[- ]variance\b|\bmantel\b|\bpeto\b|\brev-?man\b|\breview manager\b|\bcochrane\b",
    ),
)
_LEVEL = re.compile(
    r"(?<![\d.])(\d{2}(?:\.\d+)?)\s?(?:%|per\s?cent)[\s-]*(?:CIs?\b|confidence|intervals?|LCL|UCL|limits)"
    r"|\bCI[\s_-]?(\d{2}(?:\.\d+)?)\b|\bconfidence (?:level|coefficient)\D{0,12}(0?\.\d+|\d{2}(?:\.\d+)?)",
    re.IGNORECASE,
)


@cache
def _patterns(field: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (value, re.compile(pattern, re.IGNORECASE))
        for of, value, pattern in SYNONYMS
        if of == field
    )


def words_said(field: str, text: str) -> tuple[str, ...]:
    """Return every word of a field that a text says, each once, in the order of the table.

    >>> words_said("sides", "two-sided; one-tailed for pain"), words_said("scale", "log odds ratio")
    (('one', 'two'), ('log ratio',))
    """
    found = []
    for value, pattern in _patterns(field):
        text, count = pattern.subn(" | ", text)
        if count and value not in found:
            found.append(value)
    return tuple(found)


def word_read(field: str, *texts: str) -> str:
    """Return the word of a field that the first text to say any says; "" where it says two.

    >>> word_read("scale", "HR", "odds ratio"), word_read("scale", "sway area")
    ('hazard ratio', '')
    """
    for text in texts:
        found = words_said(field, text)
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def level_read(*texts: str) -> str:
    """Return the level of a confidence interval in percent that the texts say; "" where they differ.

    >>> level_read("mean difference (90% CI)"), level_read("CI95", "99 per cent confidence")
    ('90', '')
    """
    found = {
        f"{float(one) * (100 if float(one) < 1 else 1):g}"
        for text in texts
        for match in _LEVEL.finditer(text)
        for one in match.groups()
        if one
    }
    return found.pop() if len(found) == 1 else ""
