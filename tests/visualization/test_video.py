"""Videos: what a browser needs, and the poses at their frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from mmalign.visualization import pose_frames, write_video


def decode(path: Path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return stream.codec_context, stream.average_rate, frames


def test_h264_that_browsers_play(tmp_path: Path) -> None:
    levels = [40, 120, 200]
    pictures = [np.full((51, 83, 3), level, np.uint8) for level in levels]
    path = tmp_path / "new" / "clip.mp4"
    write_video(path, pictures, 30000 / 1001)
    codec, rate, frames = decode(path)
    assert (codec.name, codec.pix_fmt, rate) == ("h264", "yuv420p", Fraction(30000, 1001))
    assert [frame.shape for frame in frames] == [(50, 82, 3)] * 3
    np.testing.assert_allclose([frame.mean() for frame in frames], levels, atol=4)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_frame_rate_that_cannot_be_encoded_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with pytest.raises(InputError, match=r"clip\.mp4: cannot be encoded .* 1e\+300 frames"):
        write_video(path, [np.zeros((16, 16, 3), np.uint8)], 1e300)
    assert not list(tmp_path.iterdir())


def test_poses_are_drawn_where_and_only_where_they_are() -> None:
    skeleton = get_skeleton("penn13")
    keypoints = np.zeros((3, 13, 2))
    left, right = skeleton.joints.index("left_ankle"), skeleton.joints.index("right_ankle")
    keypoints[:, left], keypoints[:, right] = (400, 300), (100, 300)
    scores = np.zeros((3, 13))
    scores[0, [left, right]] = 1
    scores[1, left], scores[1, right] = 1, 0.5
    sequence = PoseSequence(keypoints, scores, (400, 500), 20.0, "penn13")
    frames = list(pose_frames(sequence.validate("test"), "clip"))
    assert len(frames) == 3
    pictures = [frame[26:].astype(int) for frame in frames]
    height, width = pictures[0].shape[:2]
    blue = [np.argwhere(p[..., 2] > p[..., 0] + 60) for p in pictures]
    orange = [np.argwhere(p[..., 0] > p[..., 2] + 60) for p in pictures]
    # The ankles are the box's sides: 24 pixels from the picture's, half-way up.
    np.testing.assert_allclose(blue[0].mean(0), [height / 2, width - 24], atol=1)
    np.testing.assert_allclose(orange[0].mean(0), [height / 2, 24], atol=1)
    assert len(blue[1]) == len(blue[0])
    faint = pictures[1][tuple(orange[0].mean(0).round().astype(int))]
    solid = pictures[0][tuple(orange[0].mean(0).round().astype(int))]
    assert faint.min() > solid.min() + 60
    assert (pictures[2] == 255).all() and (frames[2][:26] < 255).any()
