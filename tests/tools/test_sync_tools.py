"""The tools that measure synchronising, on views of a generated body."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_aligner import toy_poses

from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two cameras of one execution, by name."""
    poses = toy_poses()
    other = poses.keypoints @ np.array([[0.6, 0.2], [-0.3, 0.9]], dtype=np.float32)
    entries = []
    for name, points in (("lift_cam1", poses.keypoints), ("lift_cam2", other)):
        made = replace(poses, keypoints=points, labels=None, keypoints3d=None)
        write_pose_file(tmp_path / f"poses/{name}.npz", made)
        file = f"poses/{name}.npz"
        entries.append(
            SequenceEntry(
                name, file, "val", "lift", made.num_frames, made.fps, labelled=False, source=name
            )
        )
    write_index(tmp_path, PoseIndex("coco17", "made", {}, entries))
    return tmp_path


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_cameras(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = run("tools/analysis/sync_cameras.py", str(data), "--num", "6")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert float(rows["sync"][-1]) == 1
    assert float(rows["clock"][-1]) < 1
    empty = tmp_path_factory.mktemp("empty")
    write_index(empty, PoseIndex("coco17", "made", {}, []))
    failed = run("tools/analysis/sync_cameras.py", str(empty))
    assert failed.returncode == 2
    assert "no two sequences ID_camN" in failed.stderr


@pytest.mark.slow
def test_long_recordings() -> None:
    done = run("tools/benchmark/sync_long.py", "--minutes", "4")
    found = re.search(r"7200 frames of 17 joints each: (\S+) ms off", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) < 5
