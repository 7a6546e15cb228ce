"""Nothing that a checkpoint holds is ever run, and every unreadable one is a one-line error."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import _load_checkpoint

from mmalign.compat import read_checkpoint
from mmalign.errors import InputError


class Malicious:
    """Unpickling one makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.pth"
    torch.save({"meta": {"epoch": 1}, "state_dict": {"w": torch.arange(100.0)}}, path)
    return path


def load_through_mmengine(path: object) -> dict:
    return _load_checkpoint(str(path), map_location="cpu")


def test_reads_tensors_and_plain_containers(good: Path) -> None:
    for load in (read_checkpoint, load_through_mmengine):
        checkpoint = load(good)
        assert checkpoint["meta"] == {"epoch": 1}
        assert torch.equal(checkpoint["state_dict"]["w"], torch.arange(100.0))


@pytest.mark.parametrize("load", [read_checkpoint, load_through_mmengine])
@pytest.mark.parametrize("where", ["state_dict", "meta", "message_hub"])
def test_malicious_checkpoint_runs_nothing(tmp_path: Path, load, where: str) -> None:
    path, folder = tmp_path / "bad.pth", tmp_path / "was_run"
    torch.save({"state_dict": {"w": torch.zeros(1)}, where: {"w": Malicious(folder)}}, path)
    with pytest.raises(InputError, match=r"bad\.pth: refused, because it holds `posix\.mkdir`"):
        load(path)
    assert not folder.exists()
    torch.load(path, weights_only=False)  # The file is as malicious as this test says.
    assert folder.exists()


@pytest.mark.parametrize("protocol", ["legacy", "zip"])
def test_old_format_is_no_way_round(tmp_path: Path, protocol: str) -> None:
    path, folder = tmp_path / "bad.pth", tmp_path / "was_run"
    content = {"state_dict": Malicious(folder)}
    torch.save(content, path, _use_new_zipfile_serialization=protocol == "zip")
    with pytest.raises(InputError, match="refused"):
        read_checkpoint(path)
    assert not folder.exists()


def test_text_in_meta_config_is_not_run(tmp_path: Path) -> None:
    # Runner.resume executes checkpoint['meta']['config'] as a Python file.
    path = tmp_path / "bad.pth"
    torch.save({"state_dict": {}, "meta": {"config": "import os", "epoch": 1}}, path)
    assert load_through_mmengine(path)["meta"] == {"epoch": 1}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "truncated or corrupt"),
        (b"not a checkpoint at all", "expected a file written by torch.save"),
        (b"PK\x03\x04 no zip", "truncated or corrupt"),
        (b"\x80\x02}q\x00.", "truncated or corrupt|expected a file"),
    ],
)
def test_garbage_is_an_input_error(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "garbage.pth"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"garbage\.pth: .*({found})") as caught:
        read_checkpoint(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_checkpoint_is_an_input_error(good: Path, share: float) -> None:
    content = good.read_bytes()
    good.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"good\.pth: not a readable checkpoint"):
        read_checkpoint(good)


def test_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such checkpoint file"):
        read_checkpoint(tmp_path / "none.pth")
    with pytest.raises(InputError, match="no such checkpoint file"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "content",
    [torch.zeros(3), [1, 2], {"state_dict": [1]}, {"state_dict": {"w": 1}}, {"epoch": 3}],
)
def test_data_that_are_no_weights_are_an_input_error(tmp_path: Path, content) -> None:
    path = tmp_path / "data.pth"
    torch.save(content, path)
    with pytest.raises(InputError, match="name a checkpoint"):
        read_checkpoint(path)


def test_bare_state_dict_is_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"w": torch.ones(2)}, path)
    assert torch.equal(read_checkpoint(path)["w"], torch.ones(2))


@pytest.mark.parametrize("address", ["torchvision://resnet50", "s3://a/b.pth", "pavi://x"])
def test_model_zoo_schemes_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="local files and http"):
        load_through_mmengine(address)


def test_every_scheme_has_a_safe_loader() -> None:
    modules = {loader.__module__ for loader in CheckpointLoader._schemes.values()}
    assert modules == {"mmalign.compat.checkpoint"}


def test_download_is_read_by_the_same_loader(tmp_path: Path, monkeypatch, good: Path) -> None:
    def download(url: str, target: str, progress: bool) -> None:
        Path(target).write_bytes(good.read_bytes())

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    assert "w" in load_through_mmengine("https://example.org/a.pth")["state_dict"]
    torch.save({"state_dict": Malicious(tmp_path / "was_run")}, good)
    with pytest.raises(InputError, match="refused"):
        load_through_mmengine("https://example.org/b.pth")


def test_upstream_still_needs_this(tmp_path: Path) -> None:
    """torch refuses what MMEngine puts into a checkpoint; its URL loader refuses nothing."""
    path = tmp_path / "upstream.pth"
    torch.save({"log_scalars": {"train/loss": HistoryBuffer([1.0], [1])}}, path)
    with pytest.raises(Exception, match=r"HistoryBuffer|numpy"):
        torch.load(path, weights_only=True)
    torch.save({"score": np.float64(1)}, path)
    with pytest.raises(Exception, match="numpy"):
        torch.load(path, weights_only=True)
    assert torch.hub.load_state_dict_from_url.__defaults__[-1] is False  # weights_only
