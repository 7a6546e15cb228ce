"""Aligning by a network that looks at poses and frames, at either alone, and at videos only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from mmalign.apis import AlignedSequence, AlignmentInferencer
from mmalign.apis.loading import load_aligner
from mmalign.datasets.transforms import LoadFrames
from mmalign.errors import InputError
from mmalign.functional.pose import mirror
from mmalign.poses.pose_file import PoseSequence
from mmalign.registry import MODELS
from mmalign.skeletons import get_skeleton
from mmalign.toy import generate_dataset, render_frames

VIT = dict(type="ViViTEncoder", dim=24, num_heads=2, spatial_depth=1, temporal_depth=0)
VIT["temporal_encoding"] = "none"
RGB = dict(VIT, image_size=32, patch_size=8)
PREPROCESSOR = dict(type="AlignmentDataPreprocessor", skeleton="coco17")
LOSS = dict(type="AlignmentLoss")
FUSED = dict(
    type="FusedAligner",
    data_preprocessor=PREPROCESSOR,
    encoders=dict(pose=VIT, rgb=RGB),
    fusion=dict(type="ConcatFusion", dim=24),
    loss=LOSS,
)
ALONE = dict(type="Aligner", data_preprocessor=PREPROCESSOR, modality="rgb", encoder=RGB, loss=LOSS)
CROP, LOAD = dict(type="CropToPoseBox", size=30), dict(type="LoadFrames", size=32)


def write_network(path: Path, model: dict, modalities: list[str], load: dict = LOAD) -> Path:
    pack = dict(type="PackAlignmentInputs", modalities=modalities)
    steps = [CROP, load, pack] if "pose" in modalities else [load, pack]
    config = dict(model=model, test_dataloader=dict(dataset=dict(dataset=dict(pipeline=steps))))
    torch.manual_seed(0)
    network = MODELS.build(model)
    for name, stand_in in network.named_parameters():
        if "stand_in" in name:
            torch.nn.init.normal_(stand_in)
    text = Config(config).pretty_text
    torch.save({"meta": {"cfg": text}, "state_dict": network.state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> AlignedSequence:
    """A generated execution with the folder of its pictures."""
    made = generate_dataset("sort", 1, "val", 0, noise=0.2)[0]
    folder = tmp_path_factory.mktemp("pictures")
    for number, frame in enumerate(render_frames(made, 64)):
        Image.fromarray(frame).save(folder / f"{number:04d}.png")
    poses = PoseSequence(made.keypoints, made.scores, made.frame_size, made.fps, made.skeleton)
    return AlignedSequence("clip", poses, video=str(folder))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))


def test_a_checkpoint_does_not_choose_where_frames_are_kept(tmp_path: Path) -> None:
    elsewhere = dict(LOAD, cache_dir=str(tmp_path / "elsewhere"))
    path = write_network(tmp_path / "net.pth", FUSED, ["pose", "rgb"], elsewhere)
    load = load_aligner(path).pipeline.transforms[1]
    assert isinstance(load, LoadFrames) and load.cache_dir is None


@pytest.fixture(scope="module")
def fused(tmp_path_factory) -> Path:
    return write_network(tmp_path_factory.mktemp("net") / "fused.pth", FUSED, ["pose", "rgb"])


def embeddings(align: AlignmentInferencer, *inputs: AlignedSequence) -> list[np.ndarray]:
    result = align(*inputs, mirror="no")
    return [one.embedding for one in (result.reference, *result.others)]


def test_frames_and_poses_both_count(fused: Path, clip: AlignedSequence) -> None:
    align = AlignmentInferencer(fused)
    assert align.aligner.model.modalities == ("pose", "rgb")
    first, second = embeddings(align, clip, replace(clip))
    np.testing.assert_array_equal(first, second)
    still = replace(clip.poses, keypoints=np.repeat(clip.poses.keypoints[:1], len(first), 0))
    moving = embeddings(align, replace(clip, poses=still), clip)[0]
    assert np.ptp(moving, axis=0).max() > 0.1  # The frames still differ.
    assert not np.allclose(moving, first, atol=1e-2)


def test_without_a_video_for_each_input_poses_alone_count(
    fused: Path, clip: AlignedSequence, caplog
) -> None:
    align = AlignmentInferencer(fused)
    blind = replace(clip, video=None)
    both, alone = embeddings(align, clip, blind), embeddings(align, blind, clip.poses)
    assert "not every input has a video: aligned by pose alone" in caplog.text
    np.testing.assert_array_equal(both[0], both[1])
    np.testing.assert_array_equal(both[0], alone[1])
    assert not np.allclose(both[0], embeddings(align, clip, clip)[0], atol=1e-2)


def test_depth_which_no_input_can_give_is_left_out_and_told(tmp_path, clip, caplog) -> None:
    model = dict(FUSED, encoders=dict(pose=VIT, rgb=RGB, depth=RGB))
    path = write_network(tmp_path / "deep.pth", model, ["pose", "rgb", "depth"])
    embeddings(AlignmentInferencer(path), clip, clip)
    assert "depth images cannot be given: aligned by pose, rgb alone" in caplog.text


def test_a_mirrored_input_has_its_frames_mirrored(fused: Path, clip: AlignedSequence) -> None:
    embedder = AlignmentInferencer(fused).embedder
    folder = Path(clip.video).parent / "mirrored"
    folder.mkdir()
    for path in Path(clip.video).iterdir():
        Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / path.name)
    poses, flip_index = clip.poses, get_skeleton("coco17").flip_index
    turned = replace(
        poses,
        **dict(
            zip(
                ("keypoints", "scores"),
                mirror(poses.keypoints, poses.scores, poses.frame_size[1], flip_index),
                strict=True,
            )
        ),
    )
    ours = embedder(poses, poses.fps, mirrored=True, video=clip.video)
    theirs = embedder(turned, poses.fps, video=str(folder))
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_network_of_frames_alone_needs_videos(tmp_path: Path, clip: AlignedSequence) -> None:
    align = AlignmentInferencer(write_network(tmp_path / "rgb.pth", ALONE, ["rgb"]))
    pair = align(clip, replace(clip), mirror="no", method="dtw").pairs[0]
    assert np.abs(pair.positions - np.arange(pair.other_frames)).max() <= 1
    with pytest.raises(InputError, match="clip: .*rgb.pth: takes rgb, found pose alone; give vid"):
        align(clip, replace(clip, video=None))


def test_frames_are_found_by_time_at_another_rate(fused: Path, clip: AlignedSequence) -> None:
    """At half the rate every second picture is seen: as if they were the only ones."""
    embedder = AlignmentInferencer(fused).embedder
    poses, folder = clip.poses, Path(clip.video).parent / "halved"
    folder.mkdir()
    for number, path in enumerate(sorted(Path(clip.video).iterdir())[::2]):
        (folder / f"{number:04d}.png").symlink_to(path)
    halved = replace(poses, keypoints=poses.keypoints[::2], scores=poses.scores[::2])
    halved = replace(halved, fps=poses.fps / 2)
    ours = embedder(poses, poses.fps / 2, video=clip.video)
    theirs = embedder(halved, halved.fps, video=str(folder))
    assert ours.shape == theirs.shape
    # Resampling smooths the poses a little, and shows the same pictures.
    assert np.abs(ours - theirs).mean() < 0.1 * np.abs(ours).mean()
