"""Inputs that are dropped at random."""

import torch

from sknet_spectral._engine.dropped_inputs import drop_inputs


def test_drop_inputs_drops_its_share_and_leaves_the_rest():
    x = torch.ones(200, 100)
    dropped = drop_inputs(x, 0.3, torch.Generator().manual_seed(0))
    assert set(dropped.unique().tolist()) == {0.0, 1.0}
    assert abs(float((dropped == 0).double().mean()) - 0.3) < 0.01
    assert drop_inputs(x, 0.0, None) is x
