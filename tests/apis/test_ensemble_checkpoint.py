"""Ensembles through the API: from a checkpoint to an alignment."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from mmengine.config import Config
from tiny_aligner import CONFIG, toy_poses

import mmalign.models  # noqa: F401
from mmalign.apis import AlignmentInferencer
from mmalign.errors import InputError
from mmalign.registry import MODELS

BLOCK = dict(dim=24, num_heads=2, temporal_depth=0, temporal_encoding="none")
JOINTS = dict(modality="joints", encoder=dict(type="CoordinateEncoder", **BLOCK))
HEATMAPS = dict(encoder=dict(type="ViViTEncoder", spatial_depth=1, **BLOCK))


def write(path, members, fit=True, solid=False):
    config = copy.deepcopy(CONFIG)
    config["model"] = dict(
        type="EnsembleAligner",
        members=members,
        data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="coco17", joints=True),
        loss=dict(type="AlignmentLoss"),
        readout=dict(num_components=10, num_prototypes=6),
    )
    if solid:
        config["model"]["data_preprocessor"] = dict(
            type="CoordinateDataPreprocessor", skeleton="coco17", dims=3
        )
        encoder = dict(type="CoordinateEncoder", **BLOCK)
        config["model"] |= dict(members=[dict(encoder=encoder)])
        config["test_dataloader"]["dataset"]["dataset"]["pipeline"].insert(
            0, dict(type="Use3DKeypoints")
        )
    torch.manual_seed(0)
    model = MODELS.build(config["model"])
    if fit:
        width = len(model.readout.middle)
        model.readout.fit(np.random.default_rng(0).normal(size=(40, width)))
    content = {"meta": {"cfg": Config(config).pretty_text}, "state_dict": model.state_dict()}
    torch.save(content, path)
    return path


def test_an_ensemble_aligns_in_its_readout(tmp_path, caplog):
    align = AlignmentInferencer(write(tmp_path / "a.pth", [HEATMAPS, JOINTS]))
    assert not caplog.records
    poses = toy_poses()
    result = align(poses, poses, mirror="no")
    assert result.reference.embedding.shape == (poses.num_frames, 16)
    np.testing.assert_allclose(result.pairs[0].positions, np.arange(poses.num_frames), atol=0.5)


def test_a_checkpoint_of_an_unfinished_training_says_so(tmp_path, caplog):
    align = AlignmentInferencer(write(tmp_path / "a.pth", [HEATMAPS, JOINTS], fit=False))
    assert "take the checkpoint of the last epoch" in caplog.text
    result = align(toy_poses(), toy_poses(), mirror="no")
    assert result.reference.embedding.shape[1] == 48


def test_a_member_of_frames_needs_the_video(tmp_path, caplog):
    frames = dict(modality="rgb", encoder=dict(type="ViViTEncoder", **BLOCK))
    align = AlignmentInferencer(write(tmp_path / "a.pth", [JOINTS, frames]))
    with pytest.raises(InputError, match="takes pose, rgb, found pose alone; give videos"):
        align(toy_poses(), toy_poses())
    assert "aligned by the poses alone" not in caplog.text


def test_a_network_of_3d_poses_says_what_it_lacks(tmp_path):
    align = AlignmentInferencer(write(tmp_path / "a.pth", [], solid=True))
    with pytest.raises(InputError, match="of the input has no 3D poses"):
        align(toy_poses(), toy_poses())
