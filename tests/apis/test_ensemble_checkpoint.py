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
from mmalign.experiments.embedded_clips import embed_clips
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from mmalign.registry import MODELS

BLOCK = dict(dim=24, num_heads=2, temporal_depth=0, temporal_encoding="none")
JOINTS = dict(modality="joints", encoder=dict(type="CoordinateEncoder", **BLOCK))
HEATMAPS = dict(encoder=dict(type="ViViTEncoder", spatial_depth=1, **BLOCK))


def write(path, members, fit=True, solid=False, actions=()):
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
    if actions:
        config["model"]["action_readouts"] = True
    torch.manual_seed(0)
    model = MODELS.build(config["model"])
    if fit:
        width = len(model.readout.middle)
        rng = np.random.default_rng(0)
        model.readout.fit(rng.normal(size=(40, width)))
        if actions:
            model.action_readouts.fit({name: rng.normal(size=(64, width)) for name in actions})
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


def test_an_action_that_is_named_has_its_readout(tmp_path):
    path = write(tmp_path / "a.pth", [JOINTS], actions=["lift", "wave"])
    poses = toy_poses()

    def embed(action):
        result = AlignmentInferencer(path, action=action)(poses, poses, mirror="no")
        np.testing.assert_allclose(
            result.pairs[0].positions, np.arange(len(poses.scores)), atol=0.5
        )
        return result.reference.embedding

    found = {action: embed(action) for action in ("", "lift", "wave")}
    for one, other in (("", "lift"), ("", "wave"), ("lift", "wave")):
        assert not np.allclose(found[one], found[other], atol=1e-3)
    with pytest.raises(InputError, match="'jump', expected lift, wave: the actions that .*a.pth"):
        AlignmentInferencer(path, action="jump")
    plain = write(tmp_path / "b.pth", [JOINTS])
    with pytest.raises(InputError, match="'lift', expected none"):
        AlignmentInferencer(plain, action="lift")


def test_clips_of_several_actions_can_be_compared(tmp_path):
    path = write(tmp_path / "a.pth", [JOINTS], actions=["lift", "wave"])
    poses, entries = toy_poses(), []
    for number, action in enumerate(("lift", "wave", "lift")):
        write_pose_file(tmp_path / f"{number}.npz", poses)
        known = dict(num_frames=poses.num_frames, fps=poses.fps, labelled=False, source="")
        entries.append(SequenceEntry(str(number), f"{number}.npz", "val", action, **known))
    write_index(
        tmp_path,
        PoseIndex("coco17", "made up", {"lift": {"phases": []}, "wave": {"phases": []}}, entries),
    )
    content = torch.load(path, weights_only=True)
    cfg = Config.fromstring(content["meta"]["cfg"], ".py")
    cfg.test_dataloader.dataset.dataset.data_root = str(tmp_path)
    lift, wave = embed_clips(cfg, str(path), [0, 1])
    np.testing.assert_array_equal(lift.embedding, wave.embedding)
    lift, again = embed_clips(cfg, str(path), [0, 2])
    np.testing.assert_array_equal(lift.embedding, again.embedding)
    assert not np.allclose(lift.embedding, wave.embedding, atol=1e-3)


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
    assert "alone" not in caplog.text


def test_a_network_of_3d_poses_says_what_it_lacks(tmp_path):
    align = AlignmentInferencer(write(tmp_path / "a.pth", [], solid=True))
    with pytest.raises(InputError, match="of the input has no 3D poses"):
        align(toy_poses(), toy_poses())
