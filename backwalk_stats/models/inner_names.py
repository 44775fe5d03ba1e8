"""Covariates within the frames that imputation and longitudinal models make, by their own names."""

from __future__ import annotations

from collections.abc import Sequence

from backwalk_stats.models.formula import FUNCTIONS

TAKEN = ("value", "who", "visit", "arm", "baseline", "after", *FUNCTIONS)


def inner_names(covariates: Sequence[str]) -> dict[str, str]:
    """Return the name of each covariate within a model, so that messages speak of it.

    Its own name where a formula can hold it and nothing else has it, else covariate_1, ...

    Parameters
    ----------
    covariates : sequence of str
        Columns of the data.

    Examples
    --------
    >>> inner_names(["age", "KL grade", "visit"])
    {'age': 'age', 'KL grade': 'covariate_2', 'visit': 'covariate_3'}
    """
    return {
        name: str(name) if _fits(name) else f"covariate_{place}"
        for place, name in enumerate(covariates, start=1)
    }


def _fits(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.isascii()
        and name.isidentifier()
        and name not in TAKEN
        and not name.startswith(("effect_", "covariate_"))
    )
