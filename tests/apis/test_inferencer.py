"""Poses in, an alignment out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_aligner import CONFIG, cut, toy_poses, write_checkpoint

from mmalign.apis import AlignedSequence, AlignmentInferencer
from mmalign.errors import InputError
from mmalign.functional.medoid import medoid
from mmalign.functional.pose import mirror
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.processing import resample_sequence
from mmalign.skeletons import get_skeleton


@pytest.fixture(scope="module")
def align(tmp_path_factory: pytest.TempPathFactory) -> AlignmentInferencer:
    return AlignmentInferencer(write_checkpoint(tmp_path_factory.mktemp("net") / "tiny.pth"))


POSES = toy_poses()


@pytest.mark.parametrize("method", ["subsequence", "dtw", "soft", "nearest"])
def test_a_sequence_aligns_to_itself(align: AlignmentInferencer, method: str) -> None:
    pair = align(POSES, POSES, method=method).pairs[0]
    error = np.abs(pair.positions - np.arange(POSES.num_frames))[pair.matched]
    assert pair.matched.mean() > 0.7 and np.median(error) < 0.5
    assert not pair.mirrored and pair.is_same_activity


def test_a_window_is_found(align: AlignmentInferencer) -> None:
    pair = align(POSES, cut(POSES, 15, 60), mirror="no").pairs[0]
    assert pair.offset_seconds == pytest.approx(15 / POSES.fps, abs=1 / POSES.fps)
    assert pair.similarity is not None and pair.similarity.shape == (POSES.num_frames, 45)


def test_frame_rates_and_frame_sizes_may_differ(align: AlignmentInferencer) -> None:
    fast = resample_sequence(POSES, 60.0)
    fast = replace(fast, keypoints=fast.keypoints * 3, frame_size=(720, 960))
    slow = resample_sequence(POSES, 24.0)
    result = align(slow, fast, mirror="no")
    pair = result.pairs[0]
    assert (pair.reference_frames, pair.other_frames) == (slow.num_frames, fast.num_frames)
    error = np.abs(pair.seconds - pair.other_seconds)[pair.matched]
    assert np.median(error) < 0.02
    assert result.others[0].embedding is not None
    assert len(result.others[0].embedding) == fast.num_frames


@pytest.mark.parametrize(("mirrored", "choice"), [(True, "auto"), (False, "auto"), (True, "yes")])
def test_mirrored_performers(align: AlignmentInferencer, mirrored: bool, choice: str) -> None:
    other = POSES
    if mirrored:
        flip = get_skeleton(POSES.skeleton).flip_index
        keypoints, scores = mirror(POSES.keypoints, POSES.scores, POSES.frame_size[1], flip)
        other = replace(POSES, keypoints=keypoints, scores=scores)
    pair = align(POSES, other, mirror=choice).pairs[0]
    assert pair.mirrored == mirrored
    error = np.abs(pair.positions - np.arange(POSES.num_frames))[pair.matched]
    assert np.median(error) < 0.5


def test_long_sequences_are_embedded_in_windows(align: AlignmentInferencer) -> None:
    twice = replace(
        POSES,
        keypoints=np.concatenate([POSES.keypoints] * 3),
        scores=np.concatenate([POSES.scores] * 3),
    )
    assert twice.num_frames > 2 * align.aligner.model.windows.longest
    pair = align(POSES, twice, mirror="no").pairs[0]
    starts = np.array([start for start, _ in pair.repetitions])
    assert len(starts) == 3
    assert np.abs(starts - np.arange(3) * POSES.num_frames).max() < 20


def test_frames_without_anybody_have_no_counterpart(align: AlignmentInferencer) -> None:
    scores = POSES.scores.copy()
    scores[25:55] = 0
    pair = align(POSES, replace(POSES, scores=scores), mirror="no").pairs[0]
    assert not pair.matched[34:46].any() and (pair.confidence[34:46] == 0).all()


def test_reference_auto_is_the_medoid(align: AlignmentInferencer) -> None:
    line = np.linspace(0, 1, 40)[:, None] * np.ones((1, 6))
    assert medoid([line + 1.0, line, line - 0.9]) == 1
    result = align(POSES, cut(POSES, 0, 60), toy_poses("throw"), reference="auto")
    assert len(result.others) == len(result.pairs) == 2
    names = {result.reference.name, *(other.name for other in result.others)}
    assert names == {"sequence", "sequence_2", "sequence_3"}
    assert result.reference.name != "sequence_3"


def test_files_and_formats(align: AlignmentInferencer, tmp_path: Path) -> None:
    write_pose_file(tmp_path / "a.npz", POSES)
    np.savez(tmp_path / "b.npz", keypoints=POSES.keypoints, scores=POSES.scores)
    result = align(tmp_path / "a.npz", AlignedSequence("mine", POSES), mirror="no")
    assert result.reference.name == "a" and result.others[0].name == "mine"
    both = align(tmp_path / "b.npz", tmp_path / "b.npz", format_name="npz", mirror="no")
    assert both.others[0].name == "b_2" and both.reference.poses.num_frames == POSES.num_frames


def test_joints_are_selected_by_name(align: AlignmentInferencer) -> None:
    order = get_skeleton("halpe26").joints
    keypoints = np.ones((POSES.num_frames, 26, 2), dtype=np.float32)
    scores = np.ones((POSES.num_frames, 26), dtype=np.float32)
    names = [order.index(name) for name in get_skeleton("coco17").joints]
    keypoints[:, names], scores[:, names] = POSES.keypoints, POSES.scores
    other = PoseSequence(keypoints, scores, POSES.frame_size, POSES.fps, "halpe26")
    pair = align(POSES, other, mirror="no").pairs[0]
    assert np.nanmax(np.abs(pair.positions - np.arange(POSES.num_frames))) < 1


def test_bad_input(align: AlignmentInferencer, tmp_path: Path) -> None:
    nobody = replace(POSES, scores=np.zeros_like(POSES.scores))
    with pytest.raises(InputError, match="no joint is visible"):
        align(POSES, nobody)
    with pytest.raises(InputError, match="sequence_2: found 1 frame"):
        align(POSES, cut(POSES, 3, 4))
    with pytest.raises(InputError, match="'hands42'.*'coco17'"):
        align(POSES, toy_poses("pour"))
    with pytest.raises(InputError, match="two or more"):
        align(POSES)
    with pytest.raises(InputError, match="reference is 2"):
        align(POSES, POSES, reference=2)
    with pytest.raises(InputError, match="method is 'magic'"):
        align(POSES, POSES, method="magic")
    with pytest.raises(InputError, match="no such file"):
        align(POSES, tmp_path / "gone.npz")
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match="--format"):
        align(POSES, tmp_path / "a.txt")
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(InputError, match=r"a\.mp4: "):
        align(POSES, tmp_path / "a.mp4")


def test_a_head_is_put_between_the_ears_and_a_line_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = {**CONFIG["model"], "data_preprocessor": {"type": "AlignmentDataPreprocessor"}}
    model["data_preprocessor"]["skeleton"] = "penn13"
    import torch
    from mmengine.config import Config

    from mmalign.registry import MODELS

    path = tmp_path / "penn.pth"
    text = Config({**CONFIG, "model": model}).pretty_text
    torch.save({"meta": {"cfg": text}, "state_dict": MODELS.build(model).state_dict()}, path)
    align = AlignmentInferencer(path)
    result = align(POSES, POSES)
    (line,) = [text for text in caplog.messages if "midway" in text]
    assert line == "skeleton 'coco17' has no head (between left_ear and right_ear): put midway"
    assert result.reference.poses.skeleton == "penn13"
    ears = [get_skeleton("coco17").joints.index(f"{side}_ear") for side in ("left", "right")]
    seen = (POSES.scores[:, ears] > 0).all(axis=1)
    head = result.reference.poses.keypoints[:, 0]
    assert head[seen] == pytest.approx(POSES.keypoints[:, ears].mean(axis=1)[seen], abs=1e-3)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("x = 1", "lacks a model"),
        ("import os", "refused"),
        ({**CONFIG, "model": {**CONFIG["model"], "head": {"type": "os.system"}}}, "no class of"),
        ({**CONFIG, "model": {**CONFIG["model"], "loss": {"type": "Nope"}}}, "no class of"),
        ({**CONFIG, "model": {**CONFIG["model"], "odd": 1}}, "do not fit"),
        (
            {**CONFIG, "model": {**CONFIG["model"], "cross": {"type": "CrossAttention"}}},
            "do not fit",
        ),
    ],
)
def test_bad_checkpoints(config: dict | str, message: str, tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "bad.pth", config)
    with pytest.raises(InputError, match=message):
        AlignmentInferencer(path)


def test_a_config_file_takes_the_place_of_the_carried_one(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "bad.pth", "import os")
    config = tmp_path / "config.py"
    config.write_text("\n".join(f"{key} = {value!r}" for key, value in CONFIG.items()))
    assert AlignmentInferencer(path, config).aligner.skeleton == "coco17"
    with pytest.raises(InputError, match="no such config"):
        AlignmentInferencer(path, tmp_path / "gone.py")
