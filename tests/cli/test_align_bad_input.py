"""`mmalign align` and `mmalign anomaly` on what cannot be aligned: one line, and nothing written.

From the command line to the file, videos with a pose estimator that looks at their pictures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from blob_backend import BlobBackend, blocks, walking, write_blocks
from made_videos import write_broken, write_coded
from mmengine.config import Config
from tiny_aligner import CONFIG, cut, toy_poses, write_checkpoint

from mmalign.cli.main import main
from mmalign.extraction import PoseExtractor, cached
from mmalign.extraction.people_sources import NetworkPeople
from mmalign.poses.pose_file import write_pose_file
from mmalign.registry import MODELS

POSES = toy_poses()
Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad inputs, and a checkpoint."""
    folder = tmp_path_factory.mktemp("inputs")
    write_checkpoint(folder / "coco17.pth")
    write_pose_file(folder / "good.npz", POSES)
    # Our own writer refuses a sequence without anybody.
    arrays = dict(np.load(folder / "good.npz"))
    np.savez(folder / "nobody.npz", **{**arrays, "scores": np.zeros_like(arrays["scores"])})
    write_pose_file(folder / "one.npz", cut(POSES, 3, 4))
    write_pose_file(folder / "hands.npz", toy_poses("pour"))
    content = (folder / "good.npz").read_bytes()
    (folder / "cut.npz").write_bytes(content[: len(content) // 2])
    write_broken(folder / "videos")
    write_blocks(folder / "videos" / "walk.mp4", 40)
    (still,) = blocks(1, [walking()])
    write_coded(folder / "videos" / "picture.mp4", [still] * 40)
    write_blocks(folder / "videos" / "people.mp4", 40, [walking(), walking(x=150)])
    for name, seen in (("glimpse", 1), ("rare", 8)):
        there = [lambda t, seen=seen: walking()(t) if t < seen else None]
        write_blocks(folder / "videos" / f"{name}.mp4", 40, there)
    return folder


@pytest.fixture
def run(
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command on files, which have a dot: status, lines of errors, what it printed."""
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    extractor = PoseExtractor(NetworkPeople(BlobBackend("coco17")))
    monkeypatch.setattr(cached, "_extractor", lambda options: extractor)

    def run(*names: str, checkpoint: Path = files / "coco17.pth", command: str = "align"):
        inputs = [str(files / name) if "." in name else name for name in names]
        out = ["--checkpoint", str(checkpoint), "--out", str(tmp_path / "out")]
        status = main([command, *inputs, *out])
        printed = capsys.readouterr()
        return status, printed.err.strip().splitlines(), printed.out

    return run


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody.npz", "no joint is visible"),
        ("one.npz", "one: found 1 frame"),
        ("cut.npz", "cut.npz: "),
        ("gone.npz", "gone.npz: no such file"),
        ("hands.npz", "'hands42', which has no nose, left_eye"),
        ("videos/cut.mp4", "cannot be decoded"),
        ("videos/noise.mov", "not a readable video"),
        ("videos/empty.mp4", "an empty file"),
        ("videos/sound.mp4", "no pictures in it"),
        ("videos/nobody.mp4", "nobody was found"),
        ("videos/glimpse.mp4", "glimpse: somebody is found in 1 of its 40 frames, expected in two"),
    ],
)
def test_one_line_names_the_input(run: Run, tmp_path: Path, name: str, message: str) -> None:
    status, errors, printed = run("good.npz", name)
    assert (status, printed) == (2, "")
    assert errors[-1].startswith("error: ") and message in errors[-1]
    assert Path(name).stem in errors[-1]
    assert not any("Traceback" in line for line in errors)
    assert not (tmp_path / "out").exists()


def test_videos_align_where_a_pose_estimator_can_be_used(run: Run, tmp_path: Path) -> None:
    # The videos of the test above fail for what they are, not for want of an estimator.
    status, errors, _ = run("videos/walk.mp4", "videos/good.mp4", "--no-video", "--mirror", "no")
    assert status == 0, errors
    content = json.loads((tmp_path / "out" / "alignment.json").read_text())
    assert (content["reference"], content["pairs"][0]["other_frames"]) == ("walk", 60)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("picture", "note: picture: nothing in it moves"),
        ("rare", "note: rare: somebody is found in 8 of its 40 frames"),
        # The joints of a block are in a circle, shoulders below.
        ("walk", "note: walk: the head is below the hips in 40 of 40 frames; turn the video"),
        ("people", "people.mp4: several people are in 40 of 40 frames; one is followed (--person"),
    ],
)
def test_what_is_doubtful_is_told_in_a_line_and_on_the_page(
    run: Run, tmp_path: Path, name: str, note: str
) -> None:
    status, errors, printed = run("good.npz", f"videos/{name}.mp4", "--no-video", "--mirror", "no")
    assert status == 0, errors
    (line,) = [line for line in [*errors, *printed.splitlines()] if note in line]
    assert line.startswith("note: ")
    if name != "people":
        page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert json.dumps(["Note", line.removeprefix("note: ")], separators=(",", ":")) in page


def test_another_skeleton_is_fitted_or_named_with_what_would_help(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = {**CONFIG["model"], "data_preprocessor": dict(CONFIG["model"]["data_preprocessor"])}
    model["data_preprocessor"]["skeleton"] = "penn13"
    path = tmp_path / "penn13.pth"
    text = Config({**CONFIG, "model": model}).pretty_text
    torch.save({"meta": {"cfg": text}, "state_dict": MODELS.build(model).state_dict()}, path)
    # A head lies between the ears: no reason to stop, and a line says so.
    for option in ([], ["--convert-skeleton"]):
        status, errors, _ = run("good.npz", "good.npz", "--no-video", *option, checkpoint=path)
        assert status == 0, errors
        (line,) = [line for line in caplog.messages if "midway" in line]
        caplog.clear()
        assert "'coco17' has no head (between left_ear and right_ear)" in line
    # Hands are in no body, which is told before anybody looks at the video.
    model["data_preprocessor"]["skeleton"] = "hands42"
    text = Config({**CONFIG, "model": model}).pretty_text
    torch.save({"meta": {"cfg": text}, "state_dict": MODELS.build(model).state_dict()}, path)
    status, errors, _ = run("hands.npz", "videos/noise.mov", checkpoint=path)
    assert status == 2
    for part in ("'coco17'", "'hands42'", "left_thumb1", "MMALIGN_EXTRACT"):
        assert part in errors[-1]


def test_unrelated_inputs_are_aligned_under_a_warning(
    files: Path, run: Run, tmp_path: Path
) -> None:
    reverse = replace(POSES, keypoints=POSES.keypoints[::-1], scores=POSES.scores[::-1])
    write_pose_file(files / "reverse.npz", reverse)
    status, errors, printed = run("good.npz", "reverse.npz", "--mirror", "no", "--no-video")
    assert status == 0, errors
    assert "SEEMS TO SHOW ANOTHER ACTIVITY" in printed
    (pair,) = json.loads((tmp_path / "out" / "alignment.json").read_text())["pairs"]
    assert pair["is_same_activity"] is False
    assert '"same":false' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "message"),
    [("nobody.npz", "no joint is visible"), ("videos/noise.mov", "not a readable video")],
)
def test_anomaly_says_the_same(run: Run, tmp_path: Path, name: str, message: str) -> None:
    many = ["good.npz"] * 19
    status, errors, _ = run(
        "good.npz", "--normal", *many[:4], "--held-out", name, *many, command="anomaly"
    )
    assert status == 2 and message in errors[-1] and Path(name).stem in errors[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_without_a_traceback_in_a_process_of_its_own(files: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mmalign.cli.align", files / "good.npz", files / "cut.npz"]
    command += ["--checkpoint", files / "coco17.pth", "--out", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: ")
