"""Pose geometry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.functional.pose import (
    fit_to_map,
    interpolate_frames,
    mirror,
    pose_box,
    resample_pose,
    rotate_about,
    temporal_noise,
)
from mmalign.skeletons import get_skeleton


def some_pose(seed=0, frames=6, joints=13):
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(50, 400, (frames, joints, 2)).astype(np.float32)
    scores = np.ones((frames, joints), np.float32)
    return keypoints, scores


def test_box_ignores_absent_joints():
    keypoints, scores = some_pose()
    box = pose_box(keypoints, scores)
    keypoints[2, 3], scores[2, 3] = (-1e6, np.nan), 0
    keypoints[0, 0], scores[0, 0] = (0, 0), 0
    inner = pose_box(keypoints, scores)
    assert np.isfinite(inner).all()
    assert (inner[:2] >= box[:2]).all() and (inner[2:] <= box[2:]).all()


def test_box_of_nobody_is_an_error():
    with pytest.raises(ValueError, match="no joint"):
        pose_box(np.zeros((2, 3, 2)), np.zeros((2, 3)))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 99),
    scale=st.floats(0.01, 100),
    shift=st.floats(-1000, 1000),
)
def test_fit_does_not_see_where_or_how_large_the_person_is(seed, scale, shift):
    keypoints, scores = some_pose(seed)
    keypoints = keypoints.astype(np.float64)
    fitted = fit_to_map(keypoints, scores)
    moved = fit_to_map(keypoints * scale + shift, scores)
    np.testing.assert_allclose(fitted, moved, atol=1e-4)
    assert fitted.min() >= -1e-6 and fitted.max() <= 29 + 1e-6


def test_letterbox_keeps_the_ratio_and_fills_one_side():
    keypoints, scores = some_pose()
    keypoints[..., 0] *= 0.3
    fitted = fit_to_map(keypoints, scores, margin=2)
    box, map_box = pose_box(keypoints, scores), pose_box(fitted, scores)
    ratio = (box[2] - box[0]) / (box[3] - box[1])
    map_ratio = (map_box[2] - map_box[0]) / (map_box[3] - map_box[1])
    assert map_ratio == pytest.approx(ratio, rel=1e-4)
    assert map_box[1] == pytest.approx(2, abs=1e-4)
    assert map_box[3] == pytest.approx(27, abs=1e-4)
    assert map_box[0] + map_box[2] == pytest.approx(29, abs=1e-3)
    stretched = pose_box(fit_to_map(keypoints, scores, keep_ratio=False), scores)
    np.testing.assert_allclose(stretched, [0, 0, 29, 29], atol=1e-4)


def test_one_single_point_fits():
    fitted = fit_to_map(np.full((1, 1, 2), 77.0), np.ones((1, 1)))
    np.testing.assert_allclose(fitted, 14.5)


def test_mirror_swaps_sides_and_is_its_own_inverse():
    skeleton = get_skeleton("penn13")
    keypoints, scores = some_pose()
    scores[:, skeleton.flip_pairs[0][0]] = 0.25
    flipped, flipped_scores = mirror(keypoints, scores, 480, skeleton.flip_index)
    left, right = skeleton.flip_pairs[0]
    np.testing.assert_allclose(flipped[:, right, 0], 479 - keypoints[:, left, 0])
    np.testing.assert_allclose(flipped_scores[:, right], 0.25)
    again, again_scores = mirror(flipped, flipped_scores, 480, skeleton.flip_index)
    np.testing.assert_allclose(again, keypoints, atol=1e-4)
    np.testing.assert_allclose(again_scores, scores)


def test_a_limb_turns_with_what_hangs_from_it_and_keeps_its_length():
    skeleton = get_skeleton("penn13")
    joint = {name: i for i, name in enumerate(skeleton.joints)}
    shoulder, elbow, wrist = (joint[f"right_{part}"] for part in ("shoulder", "elbow", "wrist"))
    pivot, joints = next(
        limb for limb in skeleton.rotatable if limb[0] == shoulder and elbow in limb[1]
    )
    assert set(joints) == {elbow, wrist}
    keypoints, _ = some_pose()
    turned = rotate_about(keypoints, pivot, joints, np.pi / 2)
    others = [j for j in range(13) if j not in joints]
    np.testing.assert_array_equal(turned[:, others], keypoints[:, others])
    arm, turned_arm = (k[:, wrist] - k[:, shoulder] for k in (keypoints, turned))
    np.testing.assert_allclose(turned_arm, np.stack([-arm[:, 1], arm[:, 0]], 1), atol=1e-3)


def test_noise_is_white_or_smooth_with_the_same_deviation():
    white = temporal_noise(np.random.default_rng(0), (400, 50), 0.5)
    smooth = temporal_noise(np.random.default_rng(0), (400, 50), 0.5, smoothness=5)
    for noise, lag_one in ((white, 0.0), (smooth, np.exp(-0.5 / 25))):
        assert noise.std() == pytest.approx(0.5, rel=0.1)
        correlation = np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]
        assert correlation == pytest.approx(lag_one, abs=0.05)


def test_resampling_at_whole_frames_is_indexing():
    keypoints, scores = some_pose()
    picked, picked_scores = resample_pose(keypoints, scores, np.array([0, 2, 2, 5]))
    np.testing.assert_array_equal(picked, keypoints[[0, 2, 2, 5]])
    np.testing.assert_array_equal(picked_scores, scores[[0, 2, 2, 5]])


def test_resampling_never_mixes_in_an_absent_joint():
    keypoints, scores = some_pose(frames=2)
    keypoints[1, 4], scores[1, 4] = np.nan, 0
    between, between_scores = resample_pose(keypoints, scores, np.array([0.25, 0.75]))
    np.testing.assert_allclose(between[0, 4], keypoints[0, 4])
    assert between_scores[0, 4] == 1 and between_scores[1, 4] == 0
    np.testing.assert_allclose(between[0, 0], 0.75 * keypoints[0, 0] + 0.25 * keypoints[1, 0])


def test_interpolation_is_linear_and_clamped():
    np.testing.assert_allclose(
        interpolate_frames(np.array([0.0, 10.0, 30.0]), np.array([-1, 0.5, 1.5, 9])),
        [0, 5, 20, 30],
    )
