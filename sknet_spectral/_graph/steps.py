"""How a search or a solver reports its steps to whoever shows progress."""

from collections.abc import Callable
from typing import TypeAlias

from .arrays import Floats, Product

Report: TypeAlias = Callable[[int], object]


def report_nothing(n_steps: int) -> None:
    """Ignore that steps are over.

    Parameters
    ----------
    n_steps : int
        How many more.
    """


def report_calls(product: Product, report: Report) -> Product:
    """Return a product that reports each call as a step.

    Parameters
    ----------
    product : callable
        Multiplies a vector.
    report : callable
        Takes the number of steps that are over since the last call.

    Returns
    -------
    callable
        Multiplies a vector.
    """

    def multiply(x: Floats) -> Floats:
        image = product(x)
        report(1)
        return image

    return multiply
