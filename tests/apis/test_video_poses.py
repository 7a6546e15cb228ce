"""Poses of videos come from the cache or from the extractor, once per content."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from tiny_aligner import toy_poses

from mmalign.apis import video_poses
from mmalign.datasets.pose_file import PoseSequence
from mmalign.errors import InputError


def test_extracted_once_per_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands in for the extractor, which needs a detector's weights.
    calls: list[Path] = []

    def extract_poses(path: Path) -> PoseSequence:
        calls.append(path)
        return toy_poses()

    module = ModuleType("fake_extractor")
    module.extract_poses = extract_poses  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_extractor", module)
    monkeypatch.setattr(video_poses, "EXTRACTOR", "fake_extractor")
    monkeypatch.setattr(video_poses, "find_spec", lambda name: module)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    first, copy, other = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    first.write_bytes(b"one"), copy.write_bytes(b"one"), other.write_bytes(b"two")
    found = video_poses.poses_of_video(first)
    assert (video_poses.poses_of_video(copy).keypoints == found.keypoints).all()
    assert calls == [first]
    video_poses.poses_of_video(other)
    assert calls == [first, other]


def test_without_an_extractor_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_poses, "find_spec", lambda name: None)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    video = tmp_path / "a.mp4"
    video.write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.mp4: a video.*--format.*data convert"):
        video_poses.poses_of_video(video)
