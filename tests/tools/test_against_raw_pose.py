"""The tool that compares a network with raw poses clip by clip."""

from __future__ import annotations

import numpy as np

from tests.fixtures.tools import load_tool


def test_an_interval_holds_its_mean_and_tells_a_clear_difference():
    interval = load_tool("analysis/against_raw_pose.py").interval
    values = np.random.default_rng(0).normal(1, 0.5, 50).tolist()
    row = interval(values)
    assert 0 < row["low"] < row["mean"] < row["high"] and row["clips"] == 50
    none = interval([-1.0, 1.0] * 20)
    assert none["low"] < 0 < none["high"]


def test_phases_of_a_network_that_gives_raw_poses(monkeypatch, tmp_path):
    tool = load_tool("analysis/against_raw_pose.py")
    rng = np.random.default_rng(0)

    class Clip:
        fps, num_frames = 20.0, 30

        def __init__(self, seed):
            walk = np.cumsum(rng.normal(0, 1, (30, 5, 2)), axis=0)
            self.keypoints, self.scores = walk, np.ones((30, 5))
            self.labels = np.arange(30) // 10

    clips = [Clip(i) for i in range(4)]
    monkeypatch.setattr(tool, "labelled_clips", lambda *_: clips)
    monkeypatch.setattr(tool, "whole_and_trimmed", lambda *_: {"whole": clips})
    embed = lambda clip: tool.raw_pose(clip.keypoints, clip.scores)  # noqa: E731
    same = tool.phase_differences("", "any", embed, "dtw")
    assert same == {"whole": [0.0] * 4}
