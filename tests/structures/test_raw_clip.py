"""Parts of a clip before its pipeline."""

from __future__ import annotations

import numpy as np

from mmalign.structures import RawClip


def test_a_part_is_what_the_pipeline_would_see_of_these_frames_alone() -> None:
    rng = np.random.default_rng(3)
    keypoints = np.arange(20, dtype=np.float32).reshape(1, 10, 1, 2)
    results = dict(
        keypoint=keypoints,
        keypoint_score=np.ones((1, 10, 1)),
        frame_inds=np.arange(40.0, 50.0),
        labels=np.arange(10),
        keypoint_3d=None,
        window=(40, 50),
        num_frames=99,
        rng=rng,
    )
    clip = RawClip(results, lambda part: dict(part, drawn=part["rng"].random()))
    part = clip.part(2, 5)
    assert len(clip) == 10
    np.testing.assert_array_equal(part["keypoint"], keypoints[:, 2:5])
    np.testing.assert_array_equal(part["frame_inds"], [42, 43, 44])
    np.testing.assert_array_equal(part["labels"], [2, 3, 4])
    assert part["keypoint_score"].shape == (1, 3, 1) and part["keypoint_3d"] is None
    assert (part["window"], part["num_frames"]) == ((42, 45), 99)
    part["keypoint"][:] = 0
    assert keypoints.any() and clip.part(0, 10)["drawn"] == part["drawn"]
