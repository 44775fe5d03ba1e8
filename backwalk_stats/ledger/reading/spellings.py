"""The one table of the words that papers use for how a number was computed, and of plain words.

A word of a free-text cell counts as read only through this table; what it does not know is not
read. Patterns stand in order: the first to find a stretch of text keeps it, so that "log odds
ratio" is no odds ratio and "unadjusted" no adjustment.
"""

from __future__ import annotations

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

_BY = r"(?:x|\N{MULTIPLICATION SIGN}|\*|by)"
_SIDES = r"(?:groups?|arms?|treatments?|conditions?)"
# Each line: what is read, the word for it in this package, and the spellings.
SYNONYMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "scale",
        "log ratio",
        (r"\blog[- ]?(?:odds|risk|hazard|rate|response)[- ]?ratios?", r"\blog ?OR\b"),
    ),
    ("scale", "ratio of odds ratios", (r"\bratio of (?:odds|risk|hazard|rate) ratios",)),
    ("scale", RATE_RATIO, (r"\b(?:incidence[- ])?rate[- ]ratios?\b", r"\bIRRs?\b")),
    ("scale", ODDS_RATIO, (r"\bodds[- ]ratios?\b", r"(?-i:\b[ac]?ORs?\b)")),
    ("scale", HAZARD_RATIO, (r"\bhazards?[- ]ratios?\b", r"(?-i:\ba?HRs?\b)")),
    (
        "scale",
        RISK_RATIO,
        (r"\b(?:risk|prevalence)[- ]ratios?\b", r"\brelative risks?\b", r"(?-i:\ba?RRs?\b)"),
    ),
    (
        "scale",
        RATIO_OF_MEANS,
        (
            r"\bratios? of (?:the )?(?:adjusted )?(?:geometric |arithmetic )?means?\b",
            r"\bmeans? ratios?\b|\bgeometric means? ratios?\b|\bresponse ratios?\b",
            r"\bfold[- ]changes?\b|(?-i:\bGMRs?\b|\bRoM\b|\bROM ratio\b)",
        ),
    ),
    ("scale", "win ratio", (r"\bwin[- ]ratios?\b",)),
    ("scale", "another ratio", (r"^\W*ratios?\b(?! of)",)),
    (
        "scale",
        "risk difference",
        (
            r"\brisk[- ]differences?\b",
            r"\bdifferences? (?:in|of|between) (?:proportions?|risks?|rates?)\b",
            r"\babsolute risk\b|(?-i:\bARR\b|\bARD\b|\bNNT\b)|\bnumbers? needed\b",
        ),
    ),
    (
        "scale",
        STANDARDISED,
        (
            r"\bstandardi[sz]ed (?:mean )?(?:differences?|changes?|effects?)\b",
            r"\bSMDs?\b|\bhedges\b|\bcohen'?s?\W*(?:d_?(?:z|s|av|rm)?|effect)\b",
            r"\bglass\b|\beffect size (?:d|g)\b|\bSMC[CR]\b",
            r"\bstandardi[sz]ed response\b|^\s*[dg]\s*$",
        ),
    ),
    (
        "scale",
        "median difference",
        (
            r"\bmedian (?:of )?(?:the )?(?:\w+ )?(?:differences?|changes?)\b",
            r"\bhodges\b|\bpseudo-?median|\blocation shift\b",
            r"\bdifferences? (?:in|of|between) (?:the )?medians?\b",
        ),
    ),
    (
        "scale",
        "auc",
        (
            r"\barea under\b|\bAU[RO]*C\b|\bAUROC\b|\bc[- ](?:statistic|index)\b",
            r"\bROC\b|\bconcordance\b|\bprobability of superiority\b",
            r"\bP\(X ?[<>] ?Y\)",
        ),
    ),
    ("scale", "icc", (r"\bintra-?class\b", r"\bICCs?\b")),
    ("scale", "kappa", (r"\bkappas?\b", r"\N{GREEK SMALL LETTER KAPPA}")),
    (
        "scale",
        PARTIAL_ETA,
        (
            r"\bpartial[- ]eta\b|\bpartial \N{GREEK SMALL LETTER ETA}",
            r"\N{GREEK SMALL LETTER ETA}_?p(?:2|\N{SUPERSCRIPT TWO}|\b)|\bnp2\b",
            r"\beta_?p\b|\bpartial eta",
        ),
    ),
    ("scale", ETA, (r"\beta[- ]?(?:squared|2)\b", r"\N{GREEK SMALL LETTER ETA}")),
    (
        "scale",
        "other share of variance",
        (
            r"\bomega[- ]?squared\b|\bepsilon[- ]squared\b|\br[- ]squared\b",
            r"(?-i:\bR2\b)|\bcoefficient of determination\b",
        ),
    ),
    (
        "scale",
        RANK_CORRELATION,
        (
            r"\bspearman\b|\bkendall\b|\bs?rho\b|\btau-?b?\b",
            r"\brank[- ](?:biserial )?correlation",
        ),
    ),
    ("scale", "partial correlation", (r"\b(?:semi-?)?partial correlations?\b",)),
    ("scale", CORRELATION, (r"\bpearson\b(?!'?s?\W+chi)", r"\bcorrelations?\b", r"\bcorrelated\b")),
    (
        "scale",
        STANDARDISED_REGRESSION,
        (
            r"\bstandardi[sz]ed (?:regression )?(?:coefficients?|betas?|b)\b",
            r"\bstd\W*beta|(?<!un)standardi[sz]ed slope",
        ),
    ),
    (
        "scale",
        REGRESSION,
        (
            r"\b(?:un-?standardi[sz]ed )?regression coefficients?\b",
            r"\bunstandardi[sz]ed\b",
            r"\bdifferences? (?:in|of|between) (?:the )?slopes?\b|\bslopes?\b",
            r"\bregression (?:estimate|weight|slope)",
        ),
    ),
    (
        "scale",
        "percent difference",
        (
            r"\bper\s?cent(?:age)? (?:differences?|changes?|reductions?)\b",
            r"% (?:difference|change)|\brelative (?:change|difference)\b",
        ),
    ),
    (
        "scale",
        DIFFERENCE,
        (
            r"\bmean (?:of )?(?:the )?(?:\w+ )?(?:differences?|changes?)\b",
            r"\b[WA]?MDs?\b|\bdifferences?\b|\bdifferences? (?:in|of|between)\b",
        ),
    ),
    # What a p speaks against, when it is not the absence of an effect.
    (
        "margin",
        "margin",
        (
            r"\bnon[- ]?inferior\w*|\bequivalen\w+|\bmargins?\b|\bTOST\b",
            r"\bsuperiority (?:by|bound|margin)|\bminimal[- ]effects? tests?\b",
            r"\bagainst (?:the )?(?:MCID|MCIC|MID|norm)\w*\b",
        ),
    ),
    # Sides.
    ("sides", "two", (r"\bnon-?directional\b",)),
    (
        "sides",
        "one",
        (
            r"\b(?:one|1|single|uni)[-\s]?(?:tail(?:s|ed)?|sided?|way tail)\b",
            r"\bunilateral (?:test|p)\b|(?<!bi)\bdirectional\b",
            r"\b(?:upper|lower|left|right)[- ](?:tail(?:ed)?|sided)\b",
            r"\bone[- ]way p\b",
        ),
    ),
    (
        "sides",
        "two",
        (r"\b(?:two|2|both|double)[-\s]?(?:tail(?:s|ed)?|sided?)\b", r"\bbilateral (?:test|p)\b"),
    ),
    # The p that stands beside something else than the effect.
    (
        "role",
        "heterogeneity",
        (
            r"\bheterogene\w+|\bbeside I\s?(?:2|\N{SUPERSCRIPT TWO}|squared)",
            r"\bcochran'?s? ?q\b|\binconsistency\b|\bsubgroup differences?\b",
        ),
    ),
    (
        "role",
        "interaction",
        (
            r"\bbetween (?:the )?sub-?groups\b",
            r"\bsub-?group (?:effect|interaction|test)s?\b|\binteractions?\b",
            rf"\b(?:time|visit|session)s?\s?{_BY}\s?{_SIDES}\b",
            rf"\b{_SIDES}\s?{_BY}\s?(?:time|visit|session)s?\b",
        ),
    ),
    (
        "role",
        "baseline",
        (
            r"\bat (?:the )?baseline\b|^\s*baseline\W*$",
            r"\bbaseline (?:t[- ]?tests?|anovas?|characteristics)\b",
            r"\bbaseline (?:comparisons?|comparability|differences?|balance|imbalance|tests?|p)\b",
            r"\b(?:comparison|difference)s? (?:of|at|in) (?:the )?baseline\b",
            r"\bpre-?(?:treatment|intervention|test) (?:comparison|difference|p)\b",
        ),
    ),
    (
        "role",
        "comparison of correlations",
        (
            r"\btwo correlations\b|\bsteiger\b|\bwilliams'? t\b",
            r"\b(?:difference|comparison)s? (?:between|of) (?:the )?(?:rs?|correlations)\b",
        ),
    ),
    (
        "role",
        "time",
        (
            r"\beffects? of (?:time|visits?|sessions?)\b|\btime (?:main )?effects?\b",
            r"^\s*time\W*$",
        ),
    ),
    (
        "role",
        "trend",
        (
            r"\blinear trend\b|\btrend (?:test|across|over)\b",
            r"\b(?:for|linear|p[- ]?) ?trend\b",
        ),
    ),
    (
        "role",
        "assumption",
        (
            *(r"\blevene\b", r"\bshapiro\b", r"\bmauchly\b", r"\bkolmogorov\b", r"\bnormality\b"),
            r"\b(?:equality|homogeneity|test|comparison) of (?:the )?variances?\b",
            r"^\s*(?:equal )?variances?\W*$",
        ),
    ),
    # Corrections of a p or of its degrees of freedom.
    (
        "correction",
        "sphericity",
        (
            r"\bgreenhouse\b|\bgeisser\b|\bGG[- ]?(?:corrected|adjusted|\b)",
            r"\bhuynh\b|\bfeldt\b|\bHF[- ]corrected\b|\bspheric\w+",
            r"\blower[- ]bound (?:correct|epsilon)\w*",
            r"(?:\bgreenhouse\W+|\bhuynh\W+)?\b(?:geisser|feldt)\b[- ](?:correct|adjust)\w+",
        ),
    ),
    (
        "correction",
        "of one test",
        (
            r"\b(?:yates'?s?|continuity|welch(?:'?s)?|ties?|small[- ]samples?|bias)[- ]correct\w+",
            r"\bcorrect\w+ for (?:continuity|ties|bias|small samples?)\b",
            r"\b(?:without|no) (?:any )?correction\b|\buncorrected\b",
        ),
    ),
    (
        "correction",
        "several",
        (
            r"\bcorrect(?:ed|ions?)\b|\bpost[- ]?hoc\b|\bpair-?wise\b",
            r"\badjust\w+ (?:significance|alpha)\b",
            r"\b(?:significance|alpha)(?: levels?)? (?:was |were |is )?adjust\w+",
            r"\bp (?:is |was )?(?:times|multiplied)\b",
            r"\bbonferroni\b",
            r"\bholm\b",
            r"\bhochberg\b",
            r"\bhommel\b",
            r"\btukey\w*",
            r"\bHSD\b",
            r"\bscheff\w+",
            r"\bdunnett\b",
            r"\bdunn'?s?\b",
            r"\bsidak\b",
            r"\b\N{LATIN SMALL LETTER S WITH CARON}id\N{LATIN SMALL LETTER A WITH ACUTE}k\b",
            r"\bgames[- ]howell\b",
            r"\bnewman\b",
            r"\bkeuls\b",
            r"\bduncan\b",
            r"\bFDR\b",
            r"\bfalse discovery\b",
            r"\bbenjamini\b",
            r"\bmultiplicity\b",
            r"\bfamily-?wise\b",
            r"\bmultiple (?:comparisons?|testing|tests?)\b",
            r"\b(?:adjusted|corrected) p\b",
            r"\bp\W?(?:values?)? (?:was |were |is )?(?:adjusted|corrected)\b",
            r"\bsimultaneous\b",
        ),
    ),
    # Ways to a p that no printed statistic determines.
    (
        "resampled",
        "resampled",
        (
            r"\bpermut\w+",
            r"\bbootstrap\w*",
            r"\brandomi[sz]ation tests?\b",
            r"\bmonte[- ]carlo\b",
            r"\bjack-?knife\b",
            r"\bresampl\w+",
            r"\bre-?randomi[sz]\w+",
        ),
    ),
    (
        "bayes",
        "bayes",
        (r"\bbayes\w*", r"\bcredible\b", r"\bposterior\b", r"\bCrIs?\b", r"\bHD[IP]s?\b"),
    ),
    (
        "exact",
        "exact",
        (r"\bfisher'?s?\b", r"\bexact\b", r"\bmid-?p\b", r"\bbarnard\b", r"\bboschloo\b"),
    ),
    (
        "interval",
        "not by a standard error",
        (
            r"\bprofile\b",
            r"\bBCa\b",
            r"\bpercentile\b",
            r"\bexact\b",
            r"\bclopper\b",
            r"\bwilson\b",
            r"\bnewcombe\b",
            r"\bfieller\b",
            r"\bprediction interval",
            r"\blimits of agreement\b",
            r"\bfisher'?s? z\b",
            r"\brank[- ]based\b",
        ),
    ),
    (
        "transformed",
        "transformed",
        (
            r"\blog(?:arithm\w*|s|10|2|-?\s?transform\w*|[- ]scale)?\b",
            r"\bln\b",
            r"\b(?:square[- ]root|arcsine?|box-?\s?cox|rank)[- ]?transform\w*",
            r"\btransformed\b",
        ),
    ),
    # Whether the numbers are those of a model with covariates.
    (
        "adjusted",
        "crude",
        (r"\bun-?adjusted\b", r"\bcrude\b", r"\bnot adjusted\b", r"\bunivaria(?:te|ble)\b"),
    ),
    (
        "adjusted",
        "p alone",
        (
            r"\badjusted p\b",
            r"\b(?:bonferroni|holm|tukey|sidak|multiplicity|FDR)[- ]adjust\w+",
            r"\badjust\w* for mult\w+",
        ),
    ),
    (
        "adjusted",
        "adjusted",
        (
            r"(?-i:\ba(?:MD|OR|HR|RR|IRR|RD)s?\b)",
            r"\bHills?[- ]Armitage\b",
            r"\bperiods?\b",
            r"\bsequence effects?\b",
            r"\bANCOVAs?\b",
            r"\banalysis of covariance\b",
            r"\badjust\w+",
            r"\bcovari\w+",
            r"\bcontroll(?:ed|ing) for\b",
            r"\bleast[- ]squares? means?\b",
            r"\bLS[- ]?M(?:eans?)?\b",
            r"\bmarginal means?\b",
            r"\bEMMs?(?:eans)?\b",
            r"\bmodel[- ](?:based|estimated|derived|predicted)\b",
            r"\bpredicted means?\b",
            r"\bbaseline as (?:a )?covariate\b",
            r"\bmulti(?:ple|variable|variate)\b",
        ),
    ),
    # What kind of model.
    (
        "model",
        "mixed",
        (
            r"\b(?:linear |generali[sz]ed )?mixed[- ](?:effects?|models?|linear|model)\b",
            r"\bMMRMs?\b",
            r"\bG?LMMs?\b",
            r"\brandom[- ](?:effects?|intercepts?|slopes?)\b",
            r"\bmulti-?level\b",
            r"\bhierarchical\b",
            r"\bGEEs?\b",
            r"\bgenerali[sz]ed estimating\b",
            r"\bmixed\b(?! anova)",
            r"\bREML\b",
            r"\bmaximum likelihood\b",
        ),
    ),
    (
        "model",
        "repeated",
        (
            r"\brepeated[- ]measures?\b",
            r"\bRM[- ]?(?:AN)\w*",
            r"\bwithin[- ](?:subjects?|participants?|persons?)\b",
            r"\bmixed anova\b",
            r"\bsplit[- ]plot\b",
            r"\b(?:sessions?|visits?|trials?) (?:a|per) (?:person|\w+)",
            r"\b(?:two|three|four|five|\d) sessions?\b",
            r"\brepeated\b",
            r"\bfactorial\b",
            r"\btwo[- ]way\b",
        ),
    ),
    # Whether both sides are the same people.
    (
        "people",
        "clustered",
        (
            r"\bcluster\w*",
            r"\bdesign effect\b",
            r"\bsandwich\b",
            r"\b(?:group|practice|clinic|class)[- ]randomi[sz]ed\b",
        ),
    ),
    (
        "people",
        "different",
        (
            r"\bun-?paired\b",
            r"\bnon-?paired\b",
            r"\bindependent\b",
            r"\btwo[- ]samples?\b",
            r"\b2[- ]samples?\b",
            r"\bparallel\b",
            r"\bbetween[- ](?:subjects?|participants?|persons?)\b",
        ),
    ),
    (
        "people",
        "same",
        (
            r"\bpaired\b",
            r"\bdependent\b",
            r"\bmatched\b",
            r"\bcross-?\s?over\b",
            r"\bAB/?BA\b",
            r"\bsame (?:people|persons|participants|subjects|patients)\b",
            r"\bwithin[- ](?:persons?|participants?|subjects?|people|individuals?|groups?)\b",
            r"\bcounter-?balanced\b",
            r"\bsingle[- ]group\b",
            r"\bone[- ]group\b",
            r"\bself-?controlled\b",
            r"\bn[- ]of[- ](?:1|one)\b",
            r"\b(?:their|its|his|her) own controls?\b",
            r"\bcontralateral\b",
            r"\bwilcoxon signed\b",
            r"\bsigned[- ]rank\b",
            r"\bcorrelated t\b",
        ),
    ),
    (
        "people",
        "different",
        (
            r"\b(?:two|three|four|2|3|4)[- ](?:arm|group)s?\b",
            r"\bRCT\b",
            r"\brandomi[sz]ed\b",
            r"\bcase[- ]control\b",
            r"\bcohort\b",
            r"\bquasi\b",
        ),
    ),
    # How the scores behind a mean were formed.
    (
        "spread",
        "standard error",
        (r"(?-i:\bSEM?s?\b)", r"\bstandard errors?\b", r"\bs\.?e\.?m?\.?\b(?=\W*$)"),
    ),
    (
        "scores",
        "imputed",
        (
            r"\bimput\w+",
            r"\bLOCF\b",
            r"\bBOCF\b",
            r"\blast observation\b",
            r"\bcarried forward\b",
            r"\bMICE\b",
        ),
    ),
    (
        "scores",
        "averaged",
        (
            r"\b(?:mean|average)s? (?:score )?(?:of|over|across) (?!whom)",
            r"\bitem[- ](?:mean|average)s?\b",
            r"\bper[- ]item\b",
            r"\baverag\w+",
            r"\bmean (?:item|daily|weekly|of)\b",
            r"\b(?:daily|weekly) mean\b",
            r"\b\d+[- ](?:day|item|trial)s? (?:mean|average)\b",
            r"\bnormali[sz]ed\b",
            r"\btransformed\b",
            r"\brescaled\b",
            r"\bcomposite\b",
        ),
    ),
    (
        "scores",
        "adjusted",
        (
            r"\bmarginal\b",
            r"\bmodell?ed\b",
            r"\bmodel[- ](?:change|mean)s?\b",
            r"\b(?<!un)adjusted\b",
            r"\bleast[- ]squares? means?\b",
            r"\bLS[- ]?M(?:eans?)?\b",
            r"\bmarginal means?\b",
            r"\bEMMs?(?:eans)?\b",
            r"\bmodel[- ](?:based|estimated)\b",
            r"\bpredicted\b",
        ),
    ),
    (
        "scores",
        "continuous",
        (
            r"\bhalves\b",
            r"\bincrements? of 0?\.\d+\b",
            r"\bVAS\b",
            r"\bvisual analogue?\b",
            r"\bhalf[- ]points?\b",
            r"\b0?\.\d+ (?:steps?|points?)\b",
            r"\bsteps? of 0?\.\d+\b",
            r"\bsliders?\b",
            r"\bcontinuous\b",
            r"\bnot read\b",
            r"\bmm\b",
        ),
    ),
    (
        "scores",
        "another scale",
        (
            r"\bIQR\b|\binter-?quartile\b|\bquartiles?\b",
            r"\bCV\b|\bcoefficients? of variation\b",
            r"\b(?:reference|normal) (?:range|interval|limits?|values?)\b",
            r"\b1\.96 ?(?:x |\N{MULTIPLICATION SIGN} ?)?SDs?\b|\b2 ?SDs?\b",
            r"\blimits of agreement\b|\bprediction (?:interval|limits?)\b",
            r"\bln\b",
            r"\blog(?:arithm\w*|s|-?\s?transform\w*|[- ]scale)?\b|\bback-?\s?transform",
            r"\b(?:geometric|medians?|bootstrap\w*|BCa|credible|bayes\w*|poisson|harmonic|CrIs?)\b",
            r"\b(?:trimmed|prediction interval|percentiles?|jack-?knife)\b",
        ),
    ),
    # Whether the people of the first visit are those of the last.
    (
        "kept",
        "kept",
        (
            r"\bcomplete[- ]?cases?\b(?: only\b| analys[ei]s\b)?",
            r"\bcompleters?\b(?: only\b| analys[ei]s\b)?",
            r"\ball (?:\w+ )?completed\b",
            r"\bno ?(?:body|one) (?:was )?lost\b",
            r"\bnone (?:was |were )?lost\b",
            r"\bno (?:drop-?\s?outs?|withdrawals?|losses|loss to follow-?up|missing)\b(?: data\b)?",
        ),
    ),
    # How the variance between studies was estimated: only some ways give I2 by Q.
    (
        "estimator",
        "another",
        (
            r"\b(?:REML|maximum likelihood|paule|mandel|sidik|hunter|bayes\w*|metafor)\b",
            r"\brestricted maximum\b|\b(?:multi|three)-?level\b|\brobust variance\b",
        ),
    ),
    (
        "estimator",
        "Q",
        (
            r"\bder\s?simonian\b|\blaird\b|(?-i:\bDL\b)|\b(?:fixed|common)[- ]effects?\b",
            r"\binverse[- ]variance\b|\bmantel\b|\bpeto\b|\brev-?man\b|\breview manager\b",
            r"\bcochrane\b",
        ),
    ),
)
