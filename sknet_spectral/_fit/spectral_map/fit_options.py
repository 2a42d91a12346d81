"""The parameters of a fit, by stage."""

from dataclasses import dataclass

from ..options import EigenOptions, GraphOptions, TrainingOptions
from ..sample.space import SpaceOptions
from .components import Components


@dataclass(frozen=True)
class FitOptions:
    """The parameters of an estimator, by stage.

    Attributes
    ----------
    space : SpaceOptions
        In which space the graph is built.
    graph : GraphOptions
        How it is built.
    eigen : EigenOptions
        How its eigenvectors are found.
    components : Components
        Which of them are wanted.
    training : TrainingOptions
        How the network is trained.
    """

    space: SpaceOptions
    graph: GraphOptions
    eigen: EigenOptions
    components: Components
    training: TrainingOptions
