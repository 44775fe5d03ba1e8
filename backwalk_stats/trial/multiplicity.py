"""How several estimands are tested together: procedures, a graph of them, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backwalk_stats.trial.estimand import Estimand

Method = Literal[
    "none",
    "holm",
    "hochberg",
    "hommel",
    "fixed-sequence",
    "gatekeeping",
    "parallel-gatekeeping",
    "graph",
]
OF_FAMILIES = ("gatekeeping", "parallel-gatekeeping")  # an entry of the order may be several ids
# How a sentence names the procedure by which a p-value was adjusted.
BY: dict[str, str] = {
    "holm": "Holm’s method",
    "hochberg": "Hochberg’s method",
    "hommel": "Hommel’s method",
    "fixed-sequence": "the fixed sequence",
    "gatekeeping": "serial gatekeeping",
    "parallel-gatekeeping": "parallel gatekeeping",
    "graph": "the graphical procedure",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MultiplicityGraph:
    """The graph of a graphical procedure (Bretz et al., Stat Med 2009;28:586).

    Attributes
    ----------
    weights : tuple of (str, float)
        Id of an estimand and the share of the level that it has at the start.
    transitions : tuple of (str, str, float)
        From, to, and the part of the share that is passed on where the first is rejected.

    Examples
    --------
    >>> graph = MultiplicityGraph(weights=(("E1", 1.0),), transitions=(("E1", "E2", 1.0),))
    >>> graph.ids
    ('E1', 'E2')
    """

    weights: tuple[tuple[str, float], ...]
    transitions: tuple[tuple[str, str, float], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the estimands of the graph, those with a weight first."""
        ends = [name for one, other, _ in self.transitions for name in (one, other)]
        return tuple(dict.fromkeys([*(name for name, _ in self.weights), *ends]))

    def part(self, one: str, other: str) -> float:
        """Return the part of the share of one estimand that goes to another."""
        return next((g for a, b, g in self.transitions if (a, b) == (one, other)), 0.0)

    def weight(self, name: str) -> float:
        """Return the share of the level that an estimand has at the start."""
        return dict(self.weights).get(name, 0.0)


def never_tested(graph: MultiplicityGraph) -> tuple[str, ...]:
    """Return the estimands that no share of the level can reach, whatever is rejected.

    Examples
    --------
    >>> never_tested(MultiplicityGraph(weights=(("E1", 1.0), ("E2", 0.0))))
    ('E2',)
    """
    reached = {name for name, weight in graph.weights if weight > 0.0}
    while True:
        more = {b for a, b, g in graph.transitions if a in reached and g > 0.0} - reached
        if not more:
            return tuple(name for name in graph.ids if name not in reached)
        reached |= more


def families_of(order: Sequence[str]) -> list[list[str]]:
    """Return the families of a declared order, whose ids are joined by "+".

    Examples
    --------
    >>> families_of(["E1", "E2+E3"])
    [['E1'], ['E2', 'E3']]
    """
    return [name.split("+") for name in order]


def not_adjusted(estimands: Sequence[Estimand], order: Sequence[str]) -> tuple[str, ...]:
    """Return the primary estimands that no procedure covers, where there are several primary ones.

    `order`: the declared order; empty where nothing is adjusted.
    """
    covered = {name for family in families_of(order) for name in family}
    primary = [one.id for one in estimands if one.role == "primary"]
    return tuple(name for name in primary if name not in covered) if len(primary) > 1 else ()
