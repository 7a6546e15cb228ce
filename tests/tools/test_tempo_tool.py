"""The tool that measures how well speeds are found."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from tests.fixtures.tools import load_tool


@pytest.fixture
def data(tmp_path):
    """Two actions of two clips each, arms that swing, with two phases."""
    entries = []
    for action, pace in (("swing", 1.0), ("wave", 1.3)):
        for number in range(2):
            frames = np.arange(48) / 47
            angle = 2.5 * np.sin(np.pi * frames * pace) + 0.1 * number
            body = np.random.default_rng(0).uniform(40, 160, (13, 2))
            keypoints = np.tile(body, (48, 1, 1))
            for joint in (3, 4, 5, 6):
                keypoints[:, joint] += 30 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
            poses = PoseSequence(
                keypoints=keypoints.astype(np.float32),
                scores=np.ones((48, 13), dtype=np.float32),
                frame_size=(200, 200),
                fps=20.0,
                skeleton="penn13",
                labels=np.arange(48) // 24,
            )
            name = f"{action}_{number}"
            write_pose_file(tmp_path / f"poses/{name}.npz", poses)
            entries.append(
                SequenceEntry(
                    name, f"poses/{name}.npz", "train", action, 48, 20.0, True, source=name
                )
            )
    phases = dict.fromkeys(("swing", "wave"), {"phases": ["one", "two"]})
    write_index(tmp_path, PoseIndex("penn13", "made", phases, entries))
    return tmp_path


def test_every_way_to_film_is_scored(data, capsys):
    tool = load_tool("analysis/tempo.py")
    out = data / "tempo.json"
    assert tool.main([str(data), "--pairs", "1", "--clean", "--out", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert len(figures) == sum(len(cases) for cases in tool.WAYS.values())
    slowed = figures["other: slow4"]
    assert slowed["found"] == 1 and 0.6 < slowed["50 %"] < 1.6
    assert slowed["speed found"] > 0.8
    assert "other: slow4" in capsys.readouterr().out


def test_a_folder_without_pairs_is_told(data, capsys):
    (data / "index.json").unlink()
    assert load_tool("analysis/tempo.py").main([str(data)]) == 2
    assert "index.json" in capsys.readouterr().err
