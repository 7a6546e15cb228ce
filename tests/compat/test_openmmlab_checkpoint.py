"""What MMPose and MMDetection save can be read, and nothing else than numbers is made of it."""

from __future__ import annotations

import os
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmalign.compat import read_checkpoint
from mmalign.compat.openmmlab_checkpoint import read_openmmlab_checkpoint
from mmalign.errors import InputError


class Malicious:
    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def save(path: Path, **more) -> str:
    """A checkpoint as MMEngine's runner writes it for MMPose."""
    loss = HistoryBuffer()
    loss.update(3.5)
    content = {
        "state_dict": {"w": torch.arange(3.0)},
        "meta": {"dataset_meta": {"sigmas": np.array([0.1, 0.2]), "seed": np.float32(3)}},
        "message_hub": {"log_scalars": {"train/loss": loss}},
    }
    torch.save(content | more, path)
    return str(path)


def test_files_of_mmengine_are_read(tmp_path: Path) -> None:
    path = save(tmp_path / "pose.pth")
    checkpoint = read_openmmlab_checkpoint(path)
    assert torch.equal(checkpoint["state_dict"]["w"], torch.arange(3.0))
    meta = checkpoint["meta"]["dataset_meta"]
    np.testing.assert_array_equal(meta["sigmas"], [0.1, 0.2])
    assert meta["seed"] == 3
    # The mend is needed, and holds no longer than the reading of the file.
    with pytest.raises(InputError, match="refused"):
        read_checkpoint(path)


class Made:
    """What pickle makes by a call, and then sets the state of."""

    def __init__(self, call, arguments: tuple, state: tuple) -> None:
        self.made = call, arguments, state

    def __reduce__(self):
        return self.made


def test_no_address_of_a_file_becomes_an_object(tmp_path: Path) -> None:
    """An array's dtype whose state says that its bytes are addresses of Python objects."""
    field = {"a": (np.dtype("O"), 0)}
    state = (3, "<", None, ("a",), field, -1, -1, 0)
    array = Made(
        np.zeros(1).__reduce__()[0],
        (np.ndarray, (0,), b"b"),
        (1, (1,), Made(np.dtype, ("f8", False, True), state), False, struct.pack("<d", 2.5)),
    )
    with pytest.raises(InputError, match=r"bad\.pth: (refused|not a readable)"):
        read_openmmlab_checkpoint(save(tmp_path / "bad.pth", more=array))
    field.clear()
    content = read_openmmlab_checkpoint(save(tmp_path / "mild.pth", more=array))
    assert content["more"].dtype.fields is None
    assert content["more"] == 2.5


@pytest.mark.parametrize("place", ["optimizer", "inside an array", "inside a curve"])
def test_nothing_else_is_unpickled(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "was_run"
    bad: object = Malicious(folder)
    if place == "inside an array":
        bad = np.array([bad], dtype=object)
    elif place == "inside a curve":
        curve = HistoryBuffer()
        curve.__dict__["more"] = bad
        bad = curve
    with pytest.raises(InputError, match=r"bad\.pth: (refused|not a readable)"):
        read_openmmlab_checkpoint(save(tmp_path / "bad.pth", optimizer={"w": bad}))
    assert not folder.exists()


def test_archives_do_not_reach_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.pth"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("storages"))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("torch.load unpacks it"))
    with pytest.raises(InputError, match=r"old\.pth: not a readable checkpoint"):
        read_checkpoint(path)


def test_reading_leaves_mmengine_as_it_was(tmp_path: Path) -> None:
    known = dict(HistoryBuffer()._statistics_methods)
    read_openmmlab_checkpoint(save(tmp_path / "pose.pth"))
    assert HistoryBuffer._statistics_methods == known
    curve = HistoryBuffer()
    curve.update(2.0)
    assert curve.statistics("mean") == 2.0
