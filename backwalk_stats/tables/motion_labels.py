"""Words for signals, features and walks: what a reader sees in place of their names."""

from __future__ import annotations

from backwalk_stats.tables.labels import sentence_case

WALKS = {"forward": "walking forwards", "backward": "walking backwards", "": ""}
UNITS = {
    "rom": "°",
    "marp": "°",
    "deviation_phase": "°",
    "variability": "°",
    "proximal": "% of the cycle",
    "distal": "% of the cycle",
    "in_phase": "% of the cycle",
    "anti_phase": "% of the cycle",
    "speed": "m/s",
    "cadence": "steps/min",
    "step_length": "m",
    "stance_left": "% of the cycle",
    "stance_right": "% of the cycle",
    "contribution": "%",
    "repositioning_constant": "unit of the positions",
    "repositioning_absolute": "unit of the positions",
    "repositioning_variable": "unit of the positions",
    "repositioning_rmse": "unit of the positions",
}
_WHOLE = {
    "speed": "Speed",
    "cadence": "Cadence",
    "step_length": "Step length",
    "stance_left": "Stance, left foot",
    "stance_right": "Stance, right foot",
    "lumbar_contribution": "Lumbar contribution to the bend",
    "repositioning_constant": "Repositioning, constant error",
    "repositioning_absolute": "Repositioning, absolute error",
    "repositioning_variable": "Repositioning, variable error",
    "repositioning_rmse": "Repositioning, root mean squared error",
}
_ENDINGS = {
    "_rom": "range of motion",
    "_marp": "mean absolute relative phase",
    "_deviation_phase": "deviation phase",
    "_variability": "coupling angle variability",
    "_in_phase": "in-phase",
    "_anti_phase": "anti-phase",
    "_proximal": "proximal alone",
    "_distal": "distal alone",
}
_OF_A_BEND = ("bend_", "lumbar_contribution", "rhythm_ratio")
_QUARTERS = {
    "rhythm_ratio_q": ("Lumbar to hip ratio", ""),
    "lumbar_contribution_q": ("Lumbar contribution", "%"),
}


def walk_label(feature: str, direction: str) -> str:
    """Return in which walk a feature was measured; "" for one of a bend.

    Examples
    --------
    >>> walk_label("speed", "backward"), walk_label("bend_pelvis_flexion_rom", "forward")
    ('walking backwards', '')
    """
    return "" if feature.startswith(_OF_A_BEND) else WALKS.get(direction, direction)


def signal_label(name: str) -> str:
    """Return a signal in words.

    Examples
    --------
    >>> signal_label("lumbar_side_bend")
    'Lumbar side bend'
    """
    return sentence_case(name.replace("_", " "))


def feature_label(name: str) -> str:
    """Return a feature in words with its unit.

    Examples
    --------
    >>> feature_label("lumbar_flexion_rom"), feature_label("speed")
    ('Lumbar flexion, range of motion (°)', 'Speed (m/s)')
    >>> feature_label("rhythm_ratio_q2"), feature_label("lumbopelvic_in_phase")
    ('Lumbar to hip ratio, quarter 2 of the bend', 'Lumbopelvic, in-phase (% of the cycle)')
    """
    for start, (words, unit) in _QUARTERS.items():
        if name.startswith(start) and name[len(start) :].isdecimal():
            return _with_unit(f"{words}, quarter {name[len(start) :]} of the bend", unit)
    if name in _WHOLE:
        return _with_unit(_WHOLE[name], UNITS.get(name, UNITS.get(name.rpartition("_")[2], "")))
    for ending, words in _ENDINGS.items():
        if name.endswith(ending):
            whole = name.removesuffix(ending)
            bent = whole.removeprefix("bend_")
            of = f"Forward bend, {signal_label(bent).lower()}" if bent != whole else ""
            return _with_unit(f"{of or signal_label(whole)}, {words}", UNITS[ending[1:]])
    return signal_label(name)


def _with_unit(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit else words
