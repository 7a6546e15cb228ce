"""Poses of videos come from the cache or from the extractor, once per content."""

from __future__ import annotations

from pathlib import Path

import pytest
from blob_backend import walking, write_blocks
from tiny_aligner import toy_poses

from mmalign.errors import InputError
from mmalign.extraction import cached
from mmalign.poses.pose_file import PoseSequence


def test_extracted_once_per_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands in for the extractor, which needs a detector's weights.
    calls: list[Path] = []

    def extract_poses(path: Path, skeleton: str | None) -> PoseSequence:
        calls.append(path)
        return toy_poses()

    monkeypatch.setattr(cached, "extract_poses", extract_poses)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    first, copy, other = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    first.write_bytes(b"one"), copy.write_bytes(b"one"), other.write_bytes(b"two")
    found = cached.poses_of_video(first)
    assert (cached.poses_of_video(copy).keypoints == found.keypoints).all()
    assert calls == [first]
    cached.poses_of_video(other)
    assert calls == [first, other]


def test_without_an_extractor_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMALIGN_EXTRACT", "--backend nothing.like.it:build")
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    video = tmp_path / "a.mp4"
    video.write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.mp4: a video.*doctor.*MMALIGN_EXTRACT.*--format"):
        cached.poses_of_video(video)


def test_other_options_are_other_poses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    video = tmp_path / "a.mp4"
    write_blocks(video, 10, (walking(60, 1, 30), walking(60, 1, 90)))
    found = []
    for rule in ("position:60,30", "position:60,90", "position:60,30"):
        options = f"--backend blob_backend:build --person {rule}"
        monkeypatch.setenv("MMALIGN_EXTRACT", options)
        found.append(cached.poses_of_video(video).keypoints[..., 1].mean())
    assert found[0] == found[2] < found[1] - 50
    assert len(list((tmp_path / "cache").rglob("*.npz"))) == 2


def test_what_an_estimator_cannot_give_is_told_before_it_looks_at_a_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MMALIGN_EXTRACT", "--backend blob_backend:build")
    video = tmp_path / "a.mp4"
    video.write_bytes(b"no video at all")
    with pytest.raises(InputError, match="'coco17', which has no.*'hands42' has.*MMALIGN_EXTRACT"):
        cached.poses_of_video(video, "hands42")
    with pytest.raises(InputError, match="not a readable video"):
        cached.poses_of_video(video, "penn13")


@pytest.mark.parametrize("options", ["--model", "--det-every x", "--backend 'a", "--person who"])
def test_bad_options_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setenv("MMALIGN_EXTRACT", options)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    video = tmp_path / "a.mp4"
    video.write_bytes(b"x")
    with pytest.raises(InputError, match="MMALIGN_EXTRACT|--person"):
        cached.poses_of_video(video)
