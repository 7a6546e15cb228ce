"""Heatmaps against a plain loop over Eq. 1 and 2."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.functional.heatmap import num_heatmap_channels, pose_heatmaps
from mmalign.skeletons import get_skeleton


def loop_heatmaps(keypoints, scores, limbs, size, sigma):
    """Eq. 1 and 2 pixel by pixel, in float64."""
    height, width = size
    frames, joints = scores.shape
    maps = np.zeros((frames, joints + len(limbs), height, width))
    for n in range(frames):
        for j in range(height):
            for i in range(width):
                for k in range(joints):
                    if scores[n, k] > 0:
                        x, y = keypoints[n, k]
                        d2 = (i - x) ** 2 + (j - y) ** 2
                        maps[n, k, j, i] = math.exp(-d2 / (2 * sigma**2)) * scores[n, k]
                for index, (a, b) in enumerate(limbs):
                    weight = min(scores[n, a], scores[n, b])
                    if weight > 0:
                        d2 = segment_distance2((i, j), keypoints[n, a], keypoints[n, b])
                        maps[n, joints + index, j, i] = math.exp(-d2 / (2 * sigma**2)) * weight
    return maps


def segment_distance2(p, a, b):
    ax, ay, bx, by = map(float, (*a, *b))
    length2 = (bx - ax) ** 2 + (by - ay) ** 2
    t = 0.0
    if length2 > 0:
        t = max(0.0, min(1.0, ((p[0] - ax) * (bx - ax) + (p[1] - ay) * (by - ay)) / length2))
    return (p[0] - ax - t * (bx - ax)) ** 2 + (p[1] - ay - t * (by - ay)) ** 2


def random_pose(frames=3, joints=5, seed=0, spread=29.0):
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(-3, spread + 3, (frames, joints, 2)).astype(np.float32)
    scores = rng.uniform(0.1, 1, (frames, joints)).astype(np.float32)
    return keypoints, scores


LIMBS = ((0, 1), (1, 2), (3, 1), (0, 4))


@pytest.mark.parametrize("sigma", [0.4, 0.6, 2.0])
@pytest.mark.parametrize("size", [(30, 30), (12, 20)])
def test_equals_a_loop_over_the_equations(sigma, size):
    keypoints, scores = random_pose()
    keypoints[0, 1] = keypoints[0, 0]  # a limb of no length
    scores[1, 2] = 0
    keypoints[1, 2] = np.nan
    expected = loop_heatmaps(keypoints, scores, LIMBS, size, sigma)
    maps = pose_heatmaps(torch.tensor(keypoints), torch.tensor(scores), LIMBS, size, sigma)
    np.testing.assert_allclose(maps.numpy(), expected, atol=1e-5)


def test_chunks_change_nothing():
    keypoints, scores = (torch.tensor(a) for a in random_pose(frames=300))
    whole = pose_heatmaps(keypoints, scores, LIMBS)
    for frame in (0, 101, 299):
        single = pose_heatmaps(keypoints[frame : frame + 1], scores[frame : frame + 1], LIMBS)
        torch.testing.assert_close(whole[frame], single[0], atol=1e-6, rtol=0)


def test_modes_are_parts_of_the_whole():
    keypoints, scores = (torch.tensor(a) for a in random_pose())
    both = pose_heatmaps(keypoints, scores, LIMBS)
    joint = pose_heatmaps(keypoints, scores, LIMBS, mode="joint")
    limb = pose_heatmaps(keypoints, scores, LIMBS, mode="limb")
    assert torch.equal(both, torch.cat([joint, limb], 1))
    for mode in ("joint", "limb", "joint+limb"):
        maps = pose_heatmaps(keypoints, scores, LIMBS, mode=mode)
        assert maps.shape[1] == num_heatmap_channels(5, 4, mode)


def test_a_joint_on_a_pixel_has_its_score_there():
    maps = pose_heatmaps(torch.tensor([[[7.0, 3.0]]]), torch.tensor([[0.5]]))
    assert maps[0, 0, 3, 7] == pytest.approx(0.5)
    assert maps.argmax() == 3 * 30 + 7  # row y, column x


def test_absent_joints_leave_zero_maps():
    skeleton = get_skeleton("penn13")
    keypoints = torch.full((2, 13, 2), float("nan"))
    maps = pose_heatmaps(keypoints, torch.zeros(2, 13), skeleton.limbs)
    assert torch.equal(maps, torch.zeros_like(maps))


def test_no_frames():
    maps = pose_heatmaps(torch.zeros(0, 5, 2), torch.zeros(0, 5), LIMBS)
    assert maps.shape == (0, 9, 30, 30)


@pytest.mark.parametrize(
    "change",
    [dict(sigma=0), dict(mode="limbs"), dict(scores=torch.ones(2, 4))],
)
def test_bad_arguments_are_named(change):
    arguments = dict(keypoints=torch.zeros(2, 5, 2), scores=torch.ones(2, 5), limbs=LIMBS) | change
    with pytest.raises(ValueError, match="sigma|mode|shape"):
        pose_heatmaps(**arguments)


@settings(max_examples=25, deadline=None)
@given(shift=st.integers(-4, 4), seed=st.integers(0, 1000))
def test_moving_the_pose_moves_the_maps(shift, seed):
    keypoints, scores = (torch.tensor(a) for a in random_pose(frames=1, seed=seed, spread=12))
    maps = pose_heatmaps(keypoints + 12, scores, LIMBS, (40, 40), 0.8)
    moved = pose_heatmaps(keypoints + 12 + shift, scores, LIMBS, (40, 40), 0.8)
    rolled = torch.roll(maps, (shift, shift), (2, 3))
    inner = slice(5, 35)
    torch.testing.assert_close(
        moved[..., inner, inner], rolled[..., inner, inner], atol=1e-5, rtol=0
    )


def test_float64_is_kept():
    keypoints, scores = random_pose()
    maps = pose_heatmaps(torch.tensor(keypoints).double(), torch.tensor(scores).double(), LIMBS)
    expected = loop_heatmaps(keypoints, scores, LIMBS, (30, 30), 0.6)
    assert maps.dtype == torch.float64
    np.testing.assert_allclose(maps.numpy(), expected, atol=1e-12)
