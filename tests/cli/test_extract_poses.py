"""``mmalign extract-poses``: from a folder of videos to a data set, whatever happens."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from blob_backend import SIZE, blocks, offsets, walking, write_blocks
from made_videos import write_broken

from mmalign.cli.extract_poses import main
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.extraction import processes
from mmalign.extraction.backends.auto import Taken
from mmalign.extraction.backends.catalogue import BACKENDS
from mmalign.extraction.processes import Process
from mmalign.poses.pose_file import read_pose_file
from mmalign.poses.pose_index import read_index

BLOBS = ["--backend", "blob_backend:build"]


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a data set but the notes."""
    names = ["index.json", "quality.json", "failures.json", *sorted_poses(folder)]
    return {name: (folder / name).read_bytes() for name in names}


def sorted_poses(folder: Path) -> list[str]:
    return sorted(f"poses/{path.name}" for path in (folder / "poses").iterdir())


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def test_a_folder_becomes_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = tmp_path / "videos"
    for name, frames in (("train/squat/a", 40), ("val/squat/b", 30), ("train/golf/c", 20)):
        (videos / name).parent.mkdir(parents=True, exist_ok=True)
        write_blocks(videos / f"{name}.mp4", frames, (walking(60, 2, 30), walking(150, -2, 90)))
    labels = " ".join(str(t // 20) for t in range(40))
    (tmp_path / "labels.csv").write_text(f"video,labels\na,{labels}\n")
    out, shown = tmp_path / "out", tmp_path / "shown"
    options = ["--annotations", tmp_path / "labels.csv", "--show-dir", shown, "--det-every", 5]
    assert main([*map(str, [videos, "--out", out, *BLOBS, *options])]) == 0
    assert "3 sequences" in capsys.readouterr().out
    index = read_index(out)
    assert [(e.id, e.split, e.action, e.num_frames, e.labelled) for e in index.sequences] == [
        ("train_golf_c", "train", "golf", 20, False),
        ("train_squat_a", "train", "squat", 40, True),
        ("val_squat_b", "val", "squat", 30, False),
    ]
    assert index.actions == {
        "golf": {"phases": []},
        "squat": {"phases": ["phase 0", "phase 1"]},
    }
    dataset = PoseSequenceDataset(data_root=str(out), split="train", action="squat", pipeline=[])
    sample = dataset.get_data_info(0)
    assert sample["keypoint"].shape == (1, 40, 17, 2)
    assert sample["labels"].tolist() == [t // 20 for t in range(40)]
    quality = json.loads((out / "quality.json").read_text())
    assert quality["val_squat_b"] == {
        "frames": 30,
        "performer": 1.0,
        "confidence": 0.9,
        "jumps": 0,
        "jump_frames": [],
        "exchanged_sides": 0,
        "sides_put_right": 0,
        "lost": 0,
    }
    assert json.loads((out / "failures.json").read_text()) == {}
    # What is drawn: the video with the joints on it.
    with av.open(str(shown / "train_squat_a.mp4")) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 40
    plain = next(blocks(1, (walking(60, 2, 30), walking(150, -2, 90))))
    x, y = np.rint(read_pose_file(out / index.sequences[1].file).keypoints[0]).astype(int).T
    changed = np.abs(pictures[0].astype(int) - plain).max(axis=2)
    assert (changed[y, x] > 40).all() and changed[:5].max() < 40
    assert (shown / "train_squat_a.png").stat().st_size > 1000


def test_what_is_broken_is_listed_and_the_rest_is_done(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    videos = tmp_path / "videos"
    reasons = write_broken(videos)
    assert len(reasons) == 10
    arguments = [str(videos), str(videos / "gone.mp4"), "--out", str(tmp_path / "out"), *BLOBS]
    assert main(arguments) == 1
    failures = json.loads((tmp_path / "out" / "failures.json").read_text())
    assert set(failures) == {*reasons, "gone.mp4"}
    for name, reason in {**reasons, "gone.mp4": "no such file"}.items():
        assert re.search(f"{name}: .*{reason}", failures[name]), failures[name]
    assert [entry.id for entry in read_index(tmp_path / "out").sequences] == ["good"]
    printed = capfd.readouterr()
    assert "11 videos failed" in printed.out and "Traceback" not in printed.err
    # Once they are mended, only they are worked on.
    write_blocks(videos / "empty.mp4", 20)
    before = (tmp_path / "out" / "poses" / "good.npz").stat().st_mtime_ns
    assert main([*arguments, "--resume"]) == 1
    ids = [entry.id for entry in read_index(tmp_path / "out").sequences]
    assert ids == ["empty", "good"]
    assert (tmp_path / "out" / "poses" / "good.npz").stat().st_mtime_ns == before


def test_nothing_but_failures_leaves_no_index(tmp_path: Path) -> None:
    arguments = [str(tmp_path / "no.mp4"), "--out", str(tmp_path / "out"), *BLOBS]
    assert main(arguments) == 1
    assert not (tmp_path / "out" / "index.json").exists()


def test_resume_knows_other_options_labels_and_videos(tmp_path: Path) -> None:
    video, out = tmp_path / "a.mp4", tmp_path / "out"
    write_blocks(video, 30, (walking(60, 2, 30), walking(150, -2, 90)))
    arguments = [str(video), "--out", str(out), *BLOBS, "--resume"]

    def poses(*options: str) -> dict[str, tuple[int, int]]:
        """Frames of each sequence, and when it was written."""
        assert main([*arguments, *options]) == 0
        return {
            entry.id: (entry.num_frames, (out / entry.file).stat().st_mtime_ns)
            for entry in read_index(out).sequences
        }

    first = poses()
    assert poses() == first
    # Where it goes is no reason to look at the video again.
    assert poses("--split", "val", "--action", "squat") == first
    assert read_index(out).sequences[0].split == "val"
    assert poses("--repair", "off")["a"][1] > first["a"][1]
    assert poses("--fps", "15")["a"][0] == 15
    assert set(poses("--person", "all")) == {"a_p0", "a_p1"}
    (tmp_path / "labels.csv").write_text("video,labels\na," + " ".join("0" * 30) + "\n")
    poses("--annotations", str(tmp_path / "labels.csv"))
    assert read_index(out).sequences[0].labelled
    write_blocks(video, 25)
    last = poses()
    assert last["a"][0] == 25
    (out / "poses" / "a.npz").unlink()
    assert poses()["a"][1] > last["a"][1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--backend", "alphapose"], "--backend 'alphapose' is unknown"),
        (["--backend", "no.such:thing"], "no.such:thing: cannot be imported"),
        (["--backend", "file"], "--backend file: expected --poses"),
        ([*BLOBS, "--person", "tallest"], "--person 'tallest'"),
        ([*BLOBS, "--det-every", "0"], "--det-every 0"),
        ([*BLOBS, "--fps", "-1"], "fps is -1"),
        ([*BLOBS, "--skeleton", "halpe26"], "'coco17', which has no head_top, .*'halpe26'"),
        ([*BLOBS, "--threads", "0"], "--threads 0"),
        ([*BLOBS, "--annotations", "none.csv"], "none.csv: no readable CSV"),
        ([*BLOBS, "--launcher", "pytorch"], "RANK.*dist_extract.sh"),
        ([*BLOBS, "--launcher", "slurm"], "SLURM_PROCID.*srun"),
    ],
)
def test_bad_options_are_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    for name in ("RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    assert main([str(tmp_path / "a.mp4"), "--out", str(tmp_path / "out"), *options]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert re.match(f"error: .*{message}", line), line


def test_without_a_backend_the_best_one_that_works_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And said; what another one made is made anew."""
    write_blocks(tmp_path / "a.mp4", 10)
    out, arguments = tmp_path / "out", [str(tmp_path / "a.mp4"), "--out", str(tmp_path / "out")]
    monkeypatch.setitem(BACKENDS, "other", "blob_backend:build")
    made = []
    for backend in ("blob_backend:build", "blob_backend:build", "other"):
        taken = Taken(backend, "it works", skeleton="penn13")
        monkeypatch.setattr("mmalign.extraction.options.choose_backend", lambda t=taken, **_: t)
        assert main([*arguments, "--resume"]) == 0
        assert f"--backend auto takes {backend} (it works)\n" in capsys.readouterr().err
        made.append((out / "records" / "a.json").stat().st_mtime_ns)
        record = json.loads((out / "records" / "a.json").read_text())
        assert f'"{backend}"' in json.dumps(record) and '"auto"' not in json.dumps(record)
    assert made[0] == made[1] < made[2]
    assert read_index(out).skeleton == "penn13"


def test_poses_that_another_tool_made(tmp_path: Path) -> None:
    videos, poses = tmp_path / "videos", tmp_path / "openpose"
    videos.mkdir()
    body = np.concatenate([offsets(25) * 30 + [100, 60], np.full((25, 1), 0.7)], axis=1)
    for name in ("a", "b", "c"):
        write_blocks(videos / f"{name}.mp4", 30)
    for name, frames in (("a", 30), ("b", 32)):
        (poses / f"{name}_json").mkdir(parents=True)
        for t in range(frames):
            people = [{"pose_keypoints_2d": (body + [t, 0, 0]).ravel().tolist()}]
            text = json.dumps({"people": people if t != 8 else []})
            (poses / f"{name}_json" / f"{name}_{t:012d}_keypoints.json").write_text(text)
    out = tmp_path / "out"
    options = ["--backend", "file", "--poses", str(poses), "--format", "openpose", "--fps", "15"]
    options += ["--format-options", "--skeleton body25"]
    assert main([str(videos), "--out", str(out), *options]) == 1
    failures = json.loads((out / "failures.json").read_text())
    assert "30 pictures, but 32 frames of poses" in failures["b.mp4"]
    assert "no poses of this one" in failures["c.mp4"]
    (entry,) = read_index(out).sequences
    found = read_pose_file(out / entry.file)
    assert (found.skeleton, found.fps, found.frame_size) == ("body25", 15, SIZE)
    expected = np.array([body[:, :2] + [t, 0] for t in range(0, 30, 2)])
    expected[4] = 0  # nobody was there
    assert found.keypoints == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_killed_and_resumed_is_as_if_it_had_not_been(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for i in range(4):
        write_blocks(videos / f"{i}.mp4", 30 + 5 * i)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert main([str(videos), "--out", str(whole), *BLOBS]) == 0
    # A second a batch: it is killed in the middle of the third video.
    options = [*BLOBS, "--resume"]
    slow = subprocess.Popen(
        [sys.executable, "-m", "mmalign.cli.extract_poses", str(videos), "--out", str(cut)]
        + options,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "BLOB_SECONDS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (cut / "records" / "1.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    slow.send_signal(signal.SIGKILL)
    out, err = slow.communicate(timeout=60)
    assert slow.returncode == -signal.SIGKILL, (out + err)[-3000:]
    assert not (cut / "index.json").exists()
    done = sorted_poses(cut)
    assert done == ["poses/0.npz", "poses/1.npz"]
    before = {name: (cut / name).stat().st_mtime_ns for name in done}
    assert main([str(videos), "--out", str(cut), *options]) == 0
    assert {name: (cut / name).stat().st_mtime_ns for name in done} == before
    assert content(cut) == content(whole)


@pytest.mark.slow
def test_two_processes_give_the_files_of_one(repo: Path, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for i in range(3):
        write_blocks(videos / f"{i}.mp4", 20 + 10 * i)
    (videos / "broken.mp4").write_bytes(b"x")
    one, two = tmp_path / "one", tmp_path / "two"
    options = [*BLOBS, "--det-every", "3"]
    assert main([str(videos), "--out", str(one), *options]) == 1
    script = ["bash", str(repo / "tools" / "dist_extract.sh"), "2", str(videos), "--out", str(two)]
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(repo / "tests" / "fixtures"), str(repo)]),
        "PORT": free_port(),
    }
    done = subprocess.run(
        [*script, *options], env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 1, (done.stdout + done.stderr)[-3000:]
    assert done.stdout.count("1 videos failed") == 1
    assert content(two) == content(one)


def test_slurm_says_who_is_who(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_blocks(tmp_path / "a.mp4", 10)
    for name, value in {
        "SLURM_PROCID": "0",
        "SLURM_NTASKS": "1",
        "SLURM_LOCALID": "0",
        "SLURM_LAUNCH_NODE_IPADDR": "127.0.0.1",
        "MASTER_PORT": free_port(),
    }.items():
        monkeypatch.setenv(name, value)
    # Restored after the test, which sets it.
    monkeypatch.setenv("MASTER_ADDR", "")
    monkeypatch.delenv("MASTER_ADDR")
    arguments = [str(tmp_path / "a.mp4"), "--out", str(tmp_path / "out"), *BLOBS]
    assert main([*arguments, "--launcher", "slurm"]) == 0
    assert len(read_index(tmp_path / "out").sequences) == 1
    assert not torch.distributed.is_initialized()


def test_each_process_has_its_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "get_device", lambda: "cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    ranks = [Process(rank, 8, rank % 8) for rank in range(8)]
    assert [p.device("cuda") for p in ranks] == [f"cuda:{i % 4}" for i in range(8)]
    assert ranks[5].device("cuda:2") == "cuda:2" and ranks[5].device("cpu") == "cpu"
    assert Process().device("cuda") == "cuda"


@pytest.mark.parametrize("script", ["dist_extract", "slurm_extract"])
def test_scripts_say_how_they_are_used(repo: Path, script: str) -> None:
    done = subprocess.run(
        ["bash", str(repo / "tools" / f"{script}.sh")], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert f"tools/{script}.sh" in done.stderr
