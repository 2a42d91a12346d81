"""Files and folders that someone else has prepared: refused, or left as they are."""

import multiprocessing
import os
import pathlib
import signal
import stat
import sys
import time

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel

from sknet_spectral import SpectralNetClustering
from sknet_spectral._persistence import archive, checkpoint, replacing
from tests.data import SMALL, some_digits
from tests.marks import forks

X, _ = some_digits(120)
WATCHDOG_SECONDS = 60
W = sparse.csr_matrix(np.where(rbf_kernel(X, gamma=1e-3) > 0.2, 1.0, 0.0))
NOT_USED = "A checkpoint is not used"
NOT_WRITTEN = r"The checkpoint .* could not be written, and the fit goes on"
no_links = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX has them")


@pytest.fixture(autouse=True)
def write_after_each_epoch(monkeypatch):
    monkeypatch.setattr(checkpoint, "_SECONDS_BETWEEN", 0.0)


def clustering(**parameters):
    return SpectralNetClustering(
        **{**SMALL, "n_clusters": 4, "max_iter": 4, **parameters}
    )


def changed(path, change):
    """Change a file's manifest or arrays, and give it the right checksum."""
    manifest, arrays = archive.read_archive(path)
    change(manifest, arrays)
    archive.write_archive(path, manifest, arrays)


# Sparse matrices, whose products are native code.


def sparse_parts(record):
    """Find the arrays of sparse matrices in a file's records."""
    if isinstance(record, dict):
        if record.get("kind", "").startswith("csr"):
            yield [part["parts"] for part in record["parts"][:3]]
        record = list(record.values())
    if isinstance(record, list):
        for part in record:
            yield from sparse_parts(part)


def index_too_large(data, indices, indptr):
    indices[0] = 2**30


def index_below_zero(data, indices, indptr):
    indices[0] = -(2**30)


def rows_that_run_back(data, indices, indptr):
    indptr[1] = len(data) + 2**30


@pytest.mark.parametrize(
    "damage", [index_too_large, index_below_zero, rows_that_run_back]
)
def test_a_sparse_matrix_that_points_outside_itself_is_not_loaded(damage, tmp_path):
    path = tmp_path / "model"
    clustering(affinity="precomputed").fit(W).save(path)

    def change(manifest, arrays):
        (parts,) = sparse_parts(manifest)
        damage(*(arrays[number] for number in parts))

    changed(path, change)
    with pytest.raises(ValueError, match="The file has a sparse matrix that is none"):
        SpectralNetClustering.load(path)


def test_a_generator_that_points_outside_its_key_is_not_loaded(tmp_path):
    path = tmp_path / "model"
    clustering(random_state=np.random.RandomState(0)).fit(X).save(path)

    def change(manifest, arrays):
        state = dict(manifest["attributes"]["random_state"]["parts"]["parts"])["state"]
        for pair in state["parts"]:
            if pair[0] == "pos":
                pair[1] = 10**9

    changed(path, change)
    with pytest.raises(ValueError, match="points outside its key"):
        SpectralNetClustering.load(path)


def no_dict(manifest, arrays):
    manifest.clear()


def no_arrays(manifest, arrays):
    arrays.clear()


def no_such_kind(manifest, arrays):
    manifest["attributes"]["labels_"] = {"kind": "none", "parts": 0}


@pytest.mark.parametrize("change", [no_dict, no_arrays, no_such_kind])
def test_a_file_with_other_contents_is_named(change, tmp_path):
    path = tmp_path / "model"
    clustering().fit(X).save(path)
    changed(path, change)
    with pytest.raises(ValueError, match=r"model .*holds no estimator that"):
        SpectralNetClustering.load(path)


def without_zip(path):
    """Seal a file that is no archive."""
    content = path.read_bytes()
    head = len(archive._MAGIC)
    path.write_bytes(
        content[:head] + bytes(32) + content[head + 32 : head + 36] + b"no"
    )
    with open(path, "r+b") as file:
        digest = archive._digest(file)
        file.seek(head)
        file.write(digest)


def test_a_sealed_file_that_is_not_an_archive_is_named(tmp_path):
    path = tmp_path / "model"
    clustering().fit(X).save(path)
    without_zip(path)
    with pytest.raises(ValueError, match="model has a right checksum, but other"):
        SpectralNetClustering.load(path)


# Checkpoints.


def files(folder, stage):
    return [path for path in folder.iterdir() if stage in path.name]


def zeros(arrays):
    arrays[1][:] = 0.0


def other_vectors(arrays):
    Y = np.linalg.qr(np.random.default_rng(0).normal(size=arrays[1].shape))[0]
    arrays[1][:] = Y


def not_a_number(arrays):
    arrays[0][0] = np.nan


def other_shape(arrays):
    arrays[1] = arrays[1][:-1]


def fewer(arrays):
    arrays.pop()


def no_generator(arrays):
    arrays[2][:] = 0


def many_losses(arrays):
    arrays[0], arrays[1] = np.ones(10_000), np.array(False)


def vast_weights(arrays):
    arrays[4] = np.full_like(arrays[4], np.inf)


def one_weight(arrays):
    arrays[4] = np.zeros((), dtype=arrays[4].dtype)


def text(arrays):
    arrays[4] = np.full(arrays[4].shape, "a")


@pytest.mark.parametrize(
    ("stage", "damage"),
    [
        *(
            ("eigenvectors", damage)
            for damage in (zeros, other_vectors, not_a_number, other_shape, fewer)
        ),
        *(
            ("training", damage)
            for damage in (
                no_generator,
                many_losses,
                vast_weights,
                one_weight,
                fewer,
                text,
            )
        ),
    ],
)
def test_a_checkpoint_of_other_contents_is_set_aside(stage, damage, tmp_path):
    model = clustering(checkpoint_dir=tmp_path).fit(X)
    expected = model.transform(X)
    for path in files(tmp_path, stage):
        changed(path, lambda _, arrays: damage(arrays))
    with pytest.warns(UserWarning, match=f"{NOT_USED}.*{stage} holds what its stage"):
        model.fit(X)
    np.testing.assert_array_equal(model.transform(X), expected)


def test_a_sealed_checkpoint_that_is_not_an_archive_is_ignored(tmp_path):
    model = clustering(checkpoint_dir=tmp_path).fit(X)
    for path in tmp_path.iterdir():
        without_zip(path)
    with pytest.warns(UserWarning, match=NOT_USED):
        model.fit(X)
    np.testing.assert_array_equal(model.labels_, clustering().fit(X).labels_)


def link_to(target):
    def put(path):
        path.symlink_to(target)

    return put


@no_links
@pytest.mark.filterwarnings(f"ignore:{NOT_USED}", f"ignore:{NOT_WRITTEN}")
@pytest.mark.parametrize("kind", ["link", "broken link", "device", "pipe", "folder"])
def test_a_fit_neither_follows_nor_replaces_irregular_files(kind, tmp_path):
    folder, target = tmp_path / "checkpoints", tmp_path / "of another"
    target.write_text("theirs")
    put = {
        "link": link_to(target),
        "broken link": link_to(tmp_path / "nowhere" / "file"),
        "device": link_to("/dev/null"),
        "pipe": os.mkfifo,
        "folder": os.mkdir,
    }[kind]
    model = clustering(checkpoint_dir=folder).fit(X)
    for path in list(folder.iterdir()):
        path.unlink()
        put(path)
    before = {path: os.lstat(path) for path in folder.iterdir()}
    with pytest.warns(UserWarning, match=NOT_USED) as warned:
        again = clustering(checkpoint_dir=folder).fit(X)
    messages = " ".join(str(warning.message) for warning in warned)
    assert "could not be written" in messages
    np.testing.assert_array_equal(again.labels_, model.labels_)
    assert target.read_text() == "theirs"
    assert {path: os.lstat(path) for path in folder.iterdir()} == before


@no_links
@pytest.mark.parametrize("kind", ["file", "broken link", "pipe"])
@pytest.mark.parametrize("path", ["name", "name/within"])
def test_a_folder_for_checkpoints_that_cannot_be_made_is_named(kind, path, tmp_path):
    put = {
        "file": pathlib.Path.touch,
        "broken link": link_to(tmp_path / "nowhere"),
        "pipe": os.mkfifo,
    }[kind]
    put(tmp_path / "name")
    model = clustering(checkpoint_dir=tmp_path / path)
    with pytest.raises(ValueError, match=rf"checkpoint_dir='.*{path}' is not a folder"):
        model.fit(X)
    assert os.listdir(tmp_path) == ["name"]


@no_links
def test_checkpoints_lie_in_the_folder_that_a_link_of_the_user_names(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "name").symlink_to(tmp_path / "folder")
    clustering(checkpoint_dir=tmp_path / "name").fit(X)
    assert os.listdir(tmp_path / "folder")


def full_disk(*arguments, **options):
    raise OSError(28, "No space left on device")


def test_a_full_disk_causes_a_warning_and_the_fit_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.warns(UserWarning, match=f"{NOT_WRITTEN} without: .*No space left"):
        model = clustering(checkpoint_dir=tmp_path).fit(X)
    np.testing.assert_array_equal(model.labels_, clustering().fit(X).labels_)


# Names of files for `save`.


@pytest.fixture(scope="module")
def fitted():
    return clustering().fit(X)


@no_links
@pytest.mark.parametrize("method", ["save", "export_onnx"])
def test_a_pipe_is_not_replaced(method, fitted, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"pipe is no regular file"):
        getattr(fitted, method)(tmp_path / "pipe")
    assert stat.S_ISFIFO(os.lstat(tmp_path / "pipe").st_mode)


@no_links
@pytest.mark.parametrize("permissions", [0o600, 0o664, 0o440])
def test_a_file_keeps_its_permissions(permissions, fitted, tmp_path):
    path = tmp_path / "model"
    path.touch()
    path.chmod(permissions)
    fitted.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == permissions


@no_links
def test_a_new_file_has_the_permissions_that_the_user_gives_files(fitted, tmp_path):
    (tmp_path / "other").touch()
    fitted.save(tmp_path / "model")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def begin_to_save(path, begun):
    """Write half a file, and wait to be killed."""
    with replacing.replacing(path) as file:
        file.write(b"half")
        file.flush()
        begun.set()
        time.sleep(WATCHDOG_SECONDS)


@forks
@pytest.mark.skipif(sys.platform != "linux", reason="other systems need a name")
def test_a_save_that_is_killed_leaves_nothing(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    context = multiprocessing.get_context("fork")
    begun = context.Event()
    process = context.Process(target=begin_to_save, args=(path, begun))
    process.start()
    assert begun.wait(WATCHDOG_SECONDS)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["model"]
    assert path.read_bytes() == b"old"


def test_files_that_need_a_name_are_also_replaced_whole(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "model"
    with replacing.replacing(path) as file:
        file.write(b"new")
        (temporary,) = os.listdir(tmp_path)
        assert temporary.endswith(".tmp")
    assert os.listdir(tmp_path) == ["model"]
    assert path.read_bytes() == b"new"
