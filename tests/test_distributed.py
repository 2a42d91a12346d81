"""A fit by two processes under torch's launcher, compared with a fit by one."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from sknet_spectral._graph.eigenvectors.laplacian import Laplacian
from sknet_spectral.metrics import subspace_distance
from tests.data import some_digits
from tests.distributed_fit import FITS, clustering, main
from tests.forked import in_forked_child
from tests.marks import forks

pytestmark = forks
WATCHDOG_SECONDS = 120
TORCHRUN = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def launch_by_torchrun(folder):
    subprocess.run(
        [sys.executable, "-m", *TORCHRUN, "-m", "tests.distributed_fit", str(folder)],
        check=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=WATCHDOG_SECONDS,
    )


def launch_forks(folder):
    """Launch the ranks as torchrun does, but without an import of torch in each."""
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=2,
        run_id=folder.name,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        start_method="fork",
    )
    assert in_forked_child(lambda: elastic_launch(config, main)(folder)) == {
        0: None,
        1: None,
    }


@pytest.fixture(
    scope="module",
    params=[launch_forks, pytest.param(launch_by_torchrun, marks=pytest.mark.slow)],
    ids=["forks", "torchrun"],
)
def folder(request, tmp_path_factory):
    """The folder with the results of two ranks."""
    folder = tmp_path_factory.mktemp("ranks")
    request.param(folder)
    return folder


@pytest.mark.parametrize("fit", FITS)
def test_all_ranks_hold_the_same_map(folder, fit):
    first, second = (np.load(folder / f"{fit} {rank}.npz") for rank in range(2))
    assert len(first.files) > 10
    for name in first.files:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


# Few steps are enough to compare.
@pytest.mark.filterwarnings("ignore:The spectral loss fell")
@pytest.mark.parametrize("fit", FITS)
def test_the_map_is_as_good_as_from_one_process(folder, fit):
    X, _ = some_digits()
    model = clustering(**FITS[fit]).fit(X)
    graph = Laplacian(model.affinity_matrix_)
    _, U = graph.eigenpairs(4, random_state=np.random.RandomState(0))
    found = np.load(folder / f"{fit} 0.npz")
    np.testing.assert_array_equal(found["affinity"], model.affinity_matrix_.toarray())
    one = subspace_distance(model.embedding_, U, graph.mass)
    two = subspace_distance(found["embedding"], U, graph.mass)
    assert two == pytest.approx(one, rel=0.1)


def test_the_first_rank_alone_keeps_checkpoints(folder):
    assert list((folder / "kept 0").iterdir())
    assert not (folder / "kept 1").exists()


@pytest.mark.parametrize("fit", FITS)
def test_a_fit_goes_on_from_what_the_first_rank_has_kept(folder, fit):
    whole = np.load(folder / f"{fit} 1.npz")
    again = np.load(folder / f"{fit} again 1.npz")
    for name in whole.files:
        np.testing.assert_array_equal(whole[name], again[name], err_msg=name)
