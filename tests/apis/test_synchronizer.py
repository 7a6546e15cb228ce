"""Recordings of the same moments: toy figures and four real cameras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from marked_videos import SIZE, write_marked_video
from tiny_aligner import toy_poses

from mmalign.apis import AlignedSequence, Synchronization, synchronize
from mmalign.apis.inputs import read_inputs
from mmalign.apis.synchronizer import _to_pair
from mmalign.cli.main import main
from mmalign.errors import InputError
from mmalign.functional.synchronization import ClockOffset
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.poses.processing import resample_sequence
from mmalign.video.facts import video_seconds

RECORDING = Path(os.environ.get("MMALIGN_DATA", "-"), "pose2sim_balancing", "pose-associated")
real = pytest.mark.skipif(not RECORDING.is_dir(), reason="needs MMALIGN_DATA")


def cut(poses: PoseSequence, start: int, end: int) -> PoseSequence:
    """Its frames from ``start`` up to ``end``, without labels."""
    points, scores = poses.keypoints[start:end], poses.scores[start:end]
    return replace(poses, keypoints=points, scores=scores, labels=None, keypoints3d=None)


def squashed(poses: PoseSequence) -> PoseSequence:
    """Another picture of the same poses: an affine camera that saw the same plane."""
    turned = poses.keypoints @ np.array([[0.6, 0.2], [-0.3, 0.9]], dtype=np.float32)
    return replace(poses, keypoints=turned)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> list[PoseSequence]:
    """The real cameras' poses."""
    folder = tmp_path_factory.mktemp("cameras")
    command = ["data", "convert", "openpose", str(RECORDING), "--out", str(folder)]
    assert main([*command, "--fps", "60", "--frame-size", "1088x1920"]) == 0
    return [read_pose_file(path) for path in sorted((folder / "poses").glob("*.npz"))]


@real
@pytest.mark.parametrize("pair", [(0, 1), (0, 3), (2, 3)])
@pytest.mark.parametrize("fps", [60.0, 25.0])
def test_real_cameras_within_a_frame(
    cameras: list[PoseSequence], pair: tuple[int, int], fps: float
) -> None:
    first, second = cut(cameras[pair[0]], 0, 80), cut(cameras[pair[1]], 19, 100)
    found = synchronize(first, resample_sequence(second, fps))
    assert found.offsets[0].seconds == pytest.approx(19 / 60, abs=1 / 60)
    pair_found = found.alignment.pairs[0]
    assert pair_found.is_same_activity
    matched = pair_found.matched
    expected = np.flatnonzero(matched) / fps + 19 / 60
    np.testing.assert_allclose(pair_found.seconds[matched], expected, atol=1 / 60)
    assert matched.mean() == pytest.approx(61 / 81, abs=0.05)


@real
def test_real_cameras_by_the_command(
    cameras: list[PoseSequence], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = []
    for index, start in enumerate((0, 12, 20)):
        names.append(str(tmp_path / f"cam{index}.npz"))
        write_pose_file(names[-1], cut(cameras[index], start, start + 70))
    out = tmp_path / "out"
    command = [sys.executable, "tools/sync.py", *names, "--out", str(out), "--reference", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "cam0: starts at -0." in done.stdout
    offsets = json.loads((out / "offsets.json").read_text())["offsets"]
    assert offsets["cam0"]["seconds"] == pytest.approx(-12 / 60, abs=1 / 60)
    assert offsets["cam2"]["seconds"] == pytest.approx(8 / 60, abs=1 / 60)
    for name in ("cam0", "cam2"):
        for kind in ("offset.png", "similarity.png", "side_by_side.mp4", "ghost.mp4"):
            assert (out / f"{name}_{kind}").stat().st_size > 1000
    page = (out / "report.html").read_text()
    assert "Same moments" in page
    assert "Same activity" not in page


def test_toy_figure_and_shape_of_the_result() -> None:
    poses = toy_poses()
    first, second = cut(poses, 0, 50), squashed(cut(poses, 10, 60))
    found = synchronize(first, second, first)
    assert isinstance(found, Synchronization)
    pair = found.alignment.pairs[0]
    assert found.offsets[0].seconds == pytest.approx(10 / poses.fps, abs=0.3 / poses.fps)
    assert found.offsets[1].seconds == pytest.approx(0, abs=0.1 / poses.fps)
    assert found.alignment.method == "offset"
    assert pair.similarity is not None
    assert pair.similarity.shape == (50, pair.other_frames)
    assert 0 <= pair.similarity.min() <= pair.similarity.max() <= 1
    assert [one.name for one in found.alignment.others] == ["sequence_2", "sequence_3"]


def test_positions_of_another_reference_and_frame_rate() -> None:
    poses = toy_poses()
    first = resample_sequence(cut(poses, 8, 60), poses.fps / 2)
    found = synchronize(first, squashed(cut(poses, 0, 50)), reference=1)
    (pair,) = found.alignment.pairs
    assert (pair.reference_frames, pair.other_frames) == (50, 26)
    assert pair.other_fps == poses.fps / 2
    expected = 8 + 2.0 * np.arange(26)
    inside = expected <= 49.5
    assert pair.matched.tolist() == inside.tolist()
    kept = pair.positions[inside]
    np.testing.assert_allclose(kept, np.minimum(expected[inside], 49), atol=0.6)
    assert pair.path.tolist() == [[round(p), i] for i, p in enumerate(kept)]
    assert pair.repetitions == [(0, int(inside.sum()))]
    assert (pair.confidence > 0).tolist() == inside.tolist()
    assert pair.offset_seconds == pytest.approx(8 / poses.fps, abs=0.6 / poses.fps)


def test_a_reference_between_two_frames_of_the_other() -> None:
    poses = toy_poses()
    short, other = replace(cut(poses, 20, 40), fps=60.0), replace(cut(poses, 0, 4), fps=1.5)
    none = np.empty(0)
    clock = ClockOffset(-12.0, 0.9, 0.01, none.astype(np.int64), none, np.eye(3))
    tracks = [(one.keypoints, one.scores) for one in (short, resample_sequence(other, 60.0))]
    named = [AlignedSequence("short", short), AlignedSequence("other", other)]
    pair = _to_pair(*named, clock, tracks, 60.0)
    assert not pair.matched.any()
    assert pair.repetitions == []
    assert pair.path.shape == (0, 2)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("one", "expected two or more"),
        ("reference", "reference is 2, expected a number from 0 to 1"),
        ("overlap", "less than the overlap of 100 s"),
        ("negative overlap", "expected a positive number"),
        ("one frame", r"found 1 frame\(s\)"),
        ("a moment", r"one has no more than 0\.2 s; synchronising needs"),
        ("still", "synchronising needs a person who moves"),
        ("hands", "have 2 joints of the same name"),
    ],
)
def test_bad_input(problem: str, said: str) -> None:
    poses = toy_poses()
    inputs, options = [poses, squashed(poses)], {}
    if problem == "one":
        inputs = [poses]
    elif problem == "reference":
        options = {"reference": 2}
    elif problem == "overlap":
        options = {"least_overlap": 100}
    elif problem == "negative overlap":
        options = {"least_overlap": -1}
    elif problem == "one frame":
        inputs[1] = cut(poses, 0, 1)
    elif problem == "a moment":
        inputs[1] = cut(poses, 0, 5)
    elif problem == "still":
        still = np.broadcast_to(poses.keypoints[:1], poses.keypoints.shape)
        inputs[1] = replace(poses, keypoints=still.copy(), labels=None, keypoints3d=None)
    elif problem == "hands":
        inputs[1] = toy_poses("pour")
    with pytest.raises(InputError, match=said):
        synchronize(*inputs, **options)


def test_videos_of_the_poses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fps, moving = 30.0, toy_poses()
    sequences = [cut(moving, 0, 50), squashed(cut(moving, 10, 60))]
    names = [str(tmp_path / f"{name}.npz") for name in "ab"]
    for name, sequence in zip(names, sequences, strict=True):
        write_pose_file(name, replace(sequence, fps=fps, frame_size=SIZE))
    right = write_marked_video(tmp_path / "right.mp4", 50, fps)
    short = write_marked_video(tmp_path / "short.mp4", 20, fps)
    out = tmp_path / "out"

    def run(*videos: str) -> tuple[int, str]:
        status = main(["sync", *names, "--videos", *videos, "--out", str(out)])
        return status, capsys.readouterr().err

    assert run(right, right)[0] == 0
    with_video = (out / "report.html").stat().st_size
    assert run("-", right)[0] == 0
    (out / "report.html").unlink()
    assert main(["sync", *names, "--out", str(out)]) == 0
    assert (out / "report.html").stat().st_size < with_video
    assert (
        "short.mp4: lasts 0.67 s, the poses of b 1.67 s (50 frames at 30 fps)"
        in run(right, short)[1]
    )
    assert "none.mp4: no such video" in run(right, "none.mp4")[1]
    assert "found 1 for 2 sequences" in run(right)[1]
    assert "expected a video that ffmpeg can decode" in run(right, names[0])[1]


def test_video_of_unknown_length_is_taken(tmp_path: Path) -> None:
    video = tmp_path / "live.mkv"
    with (
        video.open("wb") as file,
        av.open(file, "w", format="matroska", options={"live": "1"}) as c,
    ):
        stream = c.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        for _ in range(5):
            c.mux(stream.encode(av.VideoFrame(SIZE[1], SIZE[0], "yuv420p")))
        c.mux(stream.encode())
    assert video_seconds(video) is None
    poses = toy_poses()
    (found,) = read_inputs([poses], videos=[video])
    assert found.video == str(video)


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pose_file(tmp_path / "a.npz", toy_poses())
    assert main(["sync", str(tmp_path / "a.npz"), str(tmp_path / "b.npz"), "--out", "x"]) == 2
    error = capsys.readouterr().err
    assert "b.npz: no such file" in error
    assert "Traceback" not in error
