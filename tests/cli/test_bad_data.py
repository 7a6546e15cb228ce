"""Bad pose files end a training with one line that names the file and the remedy."""

import os
import pickle
import shutil

import numpy as np
import pytest

from mmalign.cli.train import main
from mmalign.toy import write_dataset

# The smallest network of the toy config that still is the real one.
SMALL = [
    "--cfg-options",
    "train_cfg.max_epochs=1",
    "train_dataloader.num_workers=0",
    "train_dataloader.persistent_workers=False",
    "train_dataloader.batch_size=2",
    "train_dataloader.dataset.repeat=1",
    "model.encoder.spatial_depth=1",
    "model.encoder.temporal_depth=1",
    "model.cross.n_cross=1",
]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    write_dataset(folder, ("lift",), num_train=4, num_val=2, length=(48, 50))
    return folder


def change(path, **arrays):
    with np.load(path) as stored:
        content = dict(stored)
    content |= arrays
    np.savez(path, **content)


def with_nan(path):
    with np.load(path) as stored:
        keypoints, scores = stored["keypoints"].copy(), np.ones_like(stored["scores"])
    keypoints[3, 2] = np.nan
    change(path, keypoints=keypoints, scores=scores)


def with_fewer_joints(path):
    with np.load(path) as stored:
        change(path, keypoints=stored["keypoints"][:, :9], scores=stored["scores"][:, :9])


def without_frames(path):
    with np.load(path) as stored:
        change(path, **{k: stored[k][:0] for k in ("keypoints", "scores", "labels")})


def without_anybody(path):
    with np.load(path) as stored:
        change(path, scores=np.zeros_like(stored["scores"]))


def with_short_labels(path):
    with np.load(path) as stored:
        change(path, labels=stored["labels"][:-5])


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class Evil:
    """Unpickling one would leave a file behind."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def with_code(path):
    trace = path.parent / "executed"
    change(path, keypoints=np.array([Evil(trace)], dtype=object))


def a_pickle(path):
    path.write_bytes(pickle.dumps(Evil(path.parent / "executed")))


DEFECTS = [
    with_nan,
    with_fewer_joints,
    without_frames,
    without_anybody,
    with_short_labels,
    truncated,
    with_code,
    a_pickle,
]


@pytest.fixture
def broken(clean, tmp_path, request):
    """A copy of the data set whose second training clip has a defect."""
    folder = tmp_path / "data"
    shutil.copytree(clean, folder)
    path = folder / "poses" / "lift_train_0001.npz"
    request.param(path)
    return folder, path


def train(repo, folder, out, *more):
    config = repo / "configs" / "la2ds_ikea_asm.py"
    paths = ["--data-root", str(folder), "--action", "lift", "--work-dir", str(out)]
    return main([str(config), *paths, *SMALL, *more])


@pytest.mark.parametrize("broken", DEFECTS, ids=lambda d: d.__name__, indirect=True)
def test_one_line_names_the_file(repo, broken, tmp_path, capfd):
    folder, path = broken
    assert train(repo, folder, tmp_path / "out") == 2
    errors = [x for x in capfd.readouterr().err.splitlines() if x.startswith("error: ")]
    assert len(errors) == 1 and path.name in errors[0]
    assert "Traceback" not in errors[0] and len(errors[0]) < 500
    assert not (path.parent / "executed").exists()


@pytest.mark.parametrize("broken", [with_nan], ids=["with_nan"], indirect=True)
def test_a_config_may_allow_a_counted_skip(repo, broken, tmp_path, capfd):
    folder, _ = broken
    skip = [
        "train_dataloader.dataset.on_error=skip",
        "test_dataloader.dataset.dataset.on_error=skip",
        "val_dataloader.dataset.dataset.on_error=skip",
    ]
    assert train(repo, folder, tmp_path / "out", *skip) == 0
    out, err = capfd.readouterr()
    assert "1" in out + err and "lift_train_0001" in out + err
    assert (tmp_path / "out" / "epoch_1.pth").is_file()


def test_missing_data_say_where_they_come_from(repo, tmp_path, capfd):
    assert train(repo, tmp_path / "nowhere", tmp_path / "out") == 2
    (line,) = [x for x in capfd.readouterr().err.splitlines() if x.startswith("error: ")]
    assert "nowhere" in line and "mmalign data convert FORMAT SRC --out" in line
