"""Networks that come with the package."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from mmalign.apis import AlignmentInferencer, packaged
from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.models import main
from mmalign.errors import InputError
from tests.fixtures.tiny_aligner import toy_poses, write_checkpoint

FACTS = {
    "description": "a tiny one",
    "skeleton": "coco17",
    "data": [{"name": "made", "licence": "none", "clips": 3}],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one packaged network, ``tiny``, in the place of the package's."""
    there = tmp_path / "weights"
    packaged.pack(write_checkpoint(tmp_path / "tiny.pth"), "tiny", FACTS, there)
    for name in ("packaged_models", "is_packaged", "read_packaged"):
        monkeypatch.setattr(getattr(packaged, name), "__defaults__", (there,))
    return there


def test_it_embeds_as_the_checkpoint_does(folder, tmp_path):
    poses = toy_poses()
    wanted = Embedder(load_aligner(tmp_path / "tiny.pth"))(poses, poses.fps)
    aligner = load_aligner("tiny")
    assert aligner.source == "tiny" and aligner.skeleton == "coco17"
    found = Embedder(aligner)(poses, poses.fps)
    np.testing.assert_allclose(found, wanted, atol=0.01 * np.abs(wanted).max())
    assert all(value.dtype != torch.float16 for value in aligner.model.state_dict().values())
    with np.load(folder / "tiny.npz", allow_pickle=False) as archive:
        assert {archive[key].dtype.name for key in archive.files} == {"float16"}


def test_a_file_of_the_same_name_comes_first(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert packaged.is_packaged("tiny")
    (tmp_path / "tiny").write_text("no checkpoint")
    assert not packaged.is_packaged("tiny")
    with pytest.raises(InputError, match="tiny"):
        load_aligner("tiny")


def test_a_folder_of_the_same_name_does_not(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny").mkdir()
    assert load_aligner("tiny").source == "tiny"


def test_one_that_is_not_there_is_said(folder):
    with pytest.raises(InputError, match="no network of that name comes with the package.*tiny"):
        load_aligner()
    assert not packaged.is_packaged("other")


def test_the_command_lists_them(folder, capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "tiny: a tiny one; joints: coco17" in out and "3 clips of made (none)" in out
    assert main(["tiny"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == FACTS["data"]
    assert main(["other"]) == 2
    assert "other: no network" in capsys.readouterr().err


def test_the_one_of_bodies_aligns_an_activity_that_it_has_never_seen():
    """It is small, knows where it comes from, and takes any body; no checkpoint is named."""
    facts = packaged.packaged_models()["general"]
    assert {"data", "command", "commit", "config"} <= set(facts)
    assert all(source["licence"] for source in facts["data"])
    size = sum(path.stat().st_size for path in packaged.FOLDER.glob("general.*"))
    assert size < 10e6
    poses = toy_poses("throw")
    faster = replace(poses, keypoints=poses.keypoints[::2], scores=poses.scores[::2])
    result = AlignmentInferencer()(poses, faster)
    assert result.method == "open"
    pair = result.pairs[0]
    error = np.abs(pair.positions - 2 * np.arange(faster.num_frames))
    assert np.median(error) < 3 and pair.matched.mean() > 0.9
