"""What `mmalign test` scores and what `mmalign align` aligns are the same embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

import mmalign.engine
import mmalign.models  # noqa: F401
from mmalign.apis import AlignmentInferencer
from mmalign.apis.loading import load_aligner
from mmalign.cli.test import test as run_test
from mmalign.errors import InputError
from mmalign.evaluation import AlignmentMetric
from mmalign.experiments.embedded_clips import embed_clips
from mmalign.models.windows import Windows
from mmalign.poses.pose_file import read_pose_file
from mmalign.registry import MODELS
from mmalign.structures import AlignedSequence
from mmalign.toy import write_dataset

LOSS = dict(type="AlignmentLoss")
BLOCK = dict(dim=24, num_heads=2, temporal_depth=1, temporal_encoding="rotary")
HEATMAPS = dict(type="ViViTEncoder", spatial_depth=1, **BLOCK)
FRAMES = dict(HEATMAPS, image_size=16, patch_size=8)
LINEAR = dict(type="CoordinateEncoder", spatial="linear", **BLOCK)
POSES = dict(type="AlignmentDataPreprocessor", skeleton="coco17", joints=True)
# Views of 24 frames: windows of 32 where a clip is longer than 64.
VIEW, LONGEST = 24, 64
NETWORKS = {
    "aligner": dict(type="Aligner", encoder=LINEAR, modality="joints", loss=LOSS),
    "fused": dict(
        type="FusedAligner",
        encoders=dict(pose=HEATMAPS, rgb=FRAMES),
        fusion=dict(type="ConcatFusion", dim=24),
        loss=LOSS,
    ),
    "ensemble": dict(
        type="EnsembleAligner",
        members=[dict(encoder=HEATMAPS), dict(modality="joints", encoder=LINEAR)],
        readout=dict(num_components=8, num_prototypes=6),
        action_readouts=True,
        loss=LOSS,
    ),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips that fit a window and clips that do not, with pictures."""
    root = tmp_path_factory.mktemp("data")
    index = write_dataset(root, num_train=2, num_val=3, frames="images", length=(40, 110), seed=4)
    lengths = [entry.num_frames for entry in index.sequences]
    assert min(lengths) <= LONGEST < max(lengths)
    return root


def write_network(name: str, data: Path, path: Path) -> Config:
    """Write an untrained network's checkpoint; returns the config that it carries."""
    model = dict(NETWORKS[name], data_preprocessor=POSES, max_frames=LONGEST)
    frames = ["rgb"] if name == "fused" else []
    steps = [
        dict(type="CropToPoseBox", size=30),
        *(dict(type="LoadFrames", size=16) for _ in frames),
        dict(type="PackAlignmentInputs", modalities=["pose", *frames]),
    ]
    limit = dict(type="TemporalSubsample", max_drop=0, max_frames=VIEW)
    poses = dict(type="PoseSequenceDataset", data_root=str(data), action="lift")
    both = [dict(type="TwoViews", view0=[limit], view1=[limit]), dict(type="PackAlignmentInputs")]
    sampler = dict(type="DefaultSampler", shuffle=False)
    cfg = Config(
        dict(
            default_scope="mmalign",
            model=model,
            train_dataloader=dict(
                batch_size=1,
                num_workers=0,
                sampler=sampler,
                dataset=dict(poses, split="train", pipeline=both),
            ),
            train_cfg=dict(by_epoch=True, max_epochs=1),
            optim_wrapper=dict(optimizer=dict(type="SGD", lr=1e-3)),
            test_dataloader=dict(
                batch_size=3,
                num_workers=0,
                sampler=sampler,
                dataset=dict(
                    type="EvaluationDataset",
                    dataset=dict(poses, labelled_only=True, pipeline=steps),
                ),
            ),
            test_evaluator=dict(type="AlignmentMetric"),
            test_cfg=dict(),
            log_level="ERROR",
        )
    )
    torch.manual_seed(0)
    network = MODELS.build(model)
    if name == "ensemble":
        drawn = np.random.default_rng(0).normal(size=(200, 48))
        network.readout.fit(drawn)
        network.action_readouts.fit({"lift": drawn**3})
    torch.save({"meta": {"cfg": cfg.pretty_text}, "state_dict": network.state_dict()}, path)
    return cfg


@pytest.mark.parametrize("name", NETWORKS)
def test_align_embeds_as_test_does(
    name: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    checkpoint = tmp_path / "net.pth"
    cfg = write_network(name, data, checkpoint)
    cfg.work_dir = str(tmp_path / "out")
    kept: list[dict] = []
    monkeypatch.setattr(
        AlignmentMetric, "compute_metrics", lambda self, found: kept.extend(found) or {}
    )
    run_test(cfg, str(checkpoint))
    scored = {one["sample_id"]: one for one in kept if one["protocol"] == "whole"}
    assert len(scored) == 5 and len(kept) == 8

    align = AlignmentInferencer(checkpoint, action="lift" if name == "ensemble" else "")
    assert align.aligner.model.windows == Windows(LONGEST, 32)
    inputs = [
        AlignedSequence(
            key, read_pose_file(data / f"poses/{key}.npz"), None, f"{data}/frames/{key}"
        )
        for key in scored
    ]
    for long in (False, True):
        alike = [one for one in inputs if (one.poses.num_frames > LONGEST) == long]
        found = align(*alike, alike[0], mirror="no", method="nearest")
        for one in (found.reference, *found.others[:-1]):
            expected = scored[one.name]
            np.testing.assert_allclose(one.embedding, expected["embedding"], atol=1e-5)
            if name == "fused":
                assert {len(part) for part in expected["parts"].values()} == {len(one.embedding)}


def test_the_tools_embed_as_align_does(data: Path, tmp_path: Path) -> None:
    cfg = write_network("aligner", data, tmp_path / "net.pth")
    found = embed_clips(cfg, str(tmp_path / "net.pth"), [0, 1, 2])
    assert len({len(one.embedding) > LONGEST for one in found}) == 2
    embed = AlignmentInferencer(tmp_path / "net.pth").embedder
    for one in found:
        ours = embed(one.poses, one.poses.fps)
        np.testing.assert_allclose(one.embedding, ours, atol=1e-5)


def test_a_checkpoint_is_checked_against_a_config_in_memory(data: Path, tmp_path: Path) -> None:
    cfg = write_network("aligner", data, tmp_path / "net.pth")
    cfg.model.encoder.dim = 36
    with pytest.raises(InputError, match=r"net.pth: its weights do not fit the config of"):
        load_aligner(tmp_path / "net.pth", cfg)
