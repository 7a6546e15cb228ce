"""Corruptions: exactly what is documented, the same for a frame wherever it is met, and no NaN."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmcv.transforms import Compose

from mmalign.datasets import ToyPoseDataset
from mmalign.errors import InputError
from mmalign.registry import TRANSFORMS
from mmalign.skeletons import get_skeleton

CROP = dict(type="CropToPoseBox")


def sample(frames=60, skeleton="penn13", sample_id="0001", split="val", seed=0):
    """A clip of random poses, all joints present."""
    joints = get_skeleton(skeleton).num_joints
    keypoint = np.random.default_rng(seed).uniform(0, 200, (1, frames, joints, 2))
    return dict(
        keypoint=keypoint.astype(np.float32),
        keypoint_score=np.full((1, frames, joints), 0.75, np.float32),
        frame_inds=np.arange(frames, dtype=np.float64),
        labels=None,
        img_shape=(200, 200),
        skeleton=skeleton,
        sample_id=sample_id,
        split=split,
        num_frames=frames,
        rng=np.random.default_rng(seed),
    )


def window(whole, a, e):
    """Frames a to e - 1 of a clip, as the data set gives them."""
    cut = {key: whole[key][:, a:e] for key in ("keypoint", "keypoint_score")}
    return dict(whole, **cut, frame_inds=whole["frame_inds"][a:e])


def build(*steps):
    return Compose([TRANSFORMS.build(step) for step in steps])


@pytest.mark.parametrize("skeleton", ["penn13", "coco17", "hands42", "hand21", "body25"])
def test_one_whole_limb_group_is_missing_from_every_frame(skeleton):
    before = sample(200, skeleton)
    kept = before["keypoint"].copy(), before["keypoint_score"].copy()
    after = build(dict(type="MissingLimb", prob=1.0))(before)
    missing = after["keypoint_score"][0] == 0
    groups = {frozenset(joints) for joints in get_skeleton(skeleton).limb_groups.values()}
    assert {frozenset(np.flatnonzero(row)) for row in missing} == groups
    assert np.isnan(after["keypoint"][0][missing]).all()
    np.testing.assert_array_equal(after["keypoint"][0][~missing], before["keypoint"][0][~missing])
    assert (after["keypoint_score"][0][~missing] == 0.75).all()
    np.testing.assert_array_equal(before["keypoint"], kept[0])
    np.testing.assert_array_equal(before["keypoint_score"], kept[1])


def test_probability_is_per_frame_and_a_larger_one_takes_more_of_the_same():
    gone = {}
    for prob in (0.0, 0.25, 0.5):
        after = build(dict(type="MissingLimb", prob=prob))(sample(4000))
        gone[prob] = after["keypoint_score"][0] == 0
        # Three standard deviations of a binomial share of 4000 frames are under 0.024.
        assert gone[prob].any(1).mean() == pytest.approx(prob, abs=0.024)
    hit = gone[0.25].any(1)
    np.testing.assert_array_equal(gone[0.5][hit], gone[0.25][hit])


def test_noise_has_its_deviation_in_heatmap_pixels_at_every_joint_and_frame():
    clean = build(CROP)(sample(400))
    moved = {
        std: build(CROP, dict(type="NoisyKeypoints", std=std))(sample(400))["keypoint"]
        for std in (0.0, 1.0, 2.0)
    }
    noise = moved[1.0] - clean["keypoint"]
    assert noise.std() == pytest.approx(1.0, rel=0.02) and abs(noise.mean()) < 0.03
    assert (noise != 0).all() and moved[1.0].dtype == np.float32
    lagged = np.corrcoef(noise[0, 1:].ravel(), noise[0, :-1].ravel())[0, 1]
    joints = np.corrcoef(noise[0, :, 0].ravel(), noise[0, :, 1].ravel())[0, 1]
    assert abs(lagged) < 0.04 and abs(joints) < 0.12
    np.testing.assert_allclose(moved[2.0] - clean["keypoint"], 2 * noise, atol=1e-5)
    np.testing.assert_array_equal(moved[0.0], clean["keypoint"])


STEPS = [dict(type="MissingLimb", prob=0.7), dict(type="NoisyKeypoints", std=1.0)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["type"])
@settings(max_examples=25, deadline=None)
@given(frames=st.integers(2, 50), data=st.data())
def test_a_frame_is_corrupted_alike_in_the_clip_and_in_a_window(step, frames, data):
    a = data.draw(st.integers(0, frames - 1))
    e = data.draw(st.integers(a + 1, frames))
    whole = sample(frames, seed=data.draw(st.integers(0, 99)))
    corrupt = build(step)
    expected = window(corrupt(whole), a, e)
    part = dict(window(whole, a, e), rng=np.random.default_rng(123), sample_idx=5)
    for key in ("keypoint", "keypoint_score"):
        np.testing.assert_array_equal(corrupt(part)[key], expected[key])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["type"])
def test_clips_and_seeds_differ_and_other_splits_stay(step):
    first = build(step)(sample())["keypoint"]
    assert not np.array_equal(first, build(step)(sample(sample_id="0002"))["keypoint"], True)
    assert not np.array_equal(first, build({**step, "seed": 1})(sample())["keypoint"], True)
    for split, same in (("train", True), ("val", False)):
        clip = sample(split="val")
        after = build({**step, "split": split})(clip)["keypoint"]
        assert np.array_equal(after, clip["keypoint"]) == same


def test_where_time_was_resampled_between_frames_so_is_the_noise():
    inds = np.array([0.0, 2.5, 7.25, 59.0])
    still = dict(sample(), keypoint=np.zeros((1, 4, 13, 2), np.float32), frame_inds=inds)
    whole = dict(sample(), keypoint=np.zeros((1, 60, 13, 2), np.float32))
    step = build(dict(type="NoisyKeypoints", std=1.0))
    noise = step(whole)["keypoint"][0]
    expected = [noise[0], (noise[2] + noise[3]) / 2, 0.75 * noise[7] + 0.25 * noise[8], noise[59]]
    np.testing.assert_allclose(step(still)["keypoint"][0], expected, atol=1e-6)


def test_the_box_is_that_of_what_is_left():
    clip = sample(1)
    arm = [1, 3, 5]
    clip["keypoint"][0, 0, arm] = 5000
    for seed in range(40):
        after = build(dict(type="MissingLimb", prob=1.0, seed=seed), CROP)(clip)
        present = after["keypoint_score"][0, 0] > 0
        spread = np.ptp(after["keypoint"][0, 0, present], axis=0).max()
        assert spread == pytest.approx(29, abs=1e-3)
        left = after["keypoint"][0, 0, [0, 2, 4]]
        if not present[arm].any():
            assert np.ptp(left, axis=0).max() > 2  # Else the far arm squeezes them into a point.


AUGMENTATIONS = [
    dict(type="OrientationNoise", prob=1.0, std=0.5),
    dict(type="PositionNoise", prob=1.0),
    dict(type="PoseFlip", prob=1.0),
    dict(type="PoseAffine", prob=1.0),
]


@pytest.mark.parametrize("skeleton", ["penn13", "hands42", "body25"])
def test_no_nan_reaches_the_network(skeleton):
    pipeline = build(
        dict(type="MissingLimb", prob=1.0),
        dict(type="TemporalWarp"),
        CROP,
        dict(type="NoisyKeypoints", std=1.0),
        *AUGMENTATIONS,
    )
    packs = build(dict(type="PackAlignmentInputs"))
    maps = build(dict(type="GeneratePoseHeatmap"), dict(type="PackAlignmentInputs"))
    for seed in range(30):
        clip = sample(12, skeleton, seed=seed)
        after = pipeline(clip)
        present = after["keypoint_score"] > 0
        assert present.any() and np.isfinite(after["keypoint"][present]).all()
        pose = packs(after)["inputs"]["pose"][0]
        assert torch.isfinite(pose).all() and (pose[pose[..., 2] == 0] == 0).all()
        if seed < 3:
            assert torch.isfinite(maps(after)["inputs"]["pose"][0]).all()


def test_corrupted_data_set_is_the_same_in_any_order_epoch_and_process():
    pack = dict(type="PackAlignmentInputs")
    steps = [dict(type="MissingLimb", prob=0.5), CROP, STEPS[1], pack]
    pipeline = [TRANSFORMS.build(step) for step in steps]
    data = ToyPoseDataset(num_sequences=4, split="val", pipeline=pipeline)
    expected = [data[i]["inputs"]["pose"][0] for i in range(4)]
    data.set_epoch(7)
    for i in reversed(range(4)):
        assert torch.equal(data[i]["inputs"]["pose"][0], expected[i])
    loader = torch.utils.data.DataLoader(
        data, batch_size=None, num_workers=2, collate_fn=lambda item: item["inputs"]["pose"][0]
    )
    assert all(torch.equal(*pair) for pair in zip(loader, expected, strict=True))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (dict(type="MissingLimb", prob=1.5), "prob is 1.5"),
        (dict(type="MissingLimb", prob=float("nan")), "prob is nan"),
        (dict(type="NoisyKeypoints", std=-1), "std is -1"),
        (dict(type="NoisyKeypoints", std=float("inf")), "std is inf"),
        (dict(type="NoisyKeypoints", std=1.0, split="test"), "split is 'test'"),
    ],
)
def test_bad_arguments_are_named(step, words):
    with pytest.raises(InputError, match=words):
        TRANSFORMS.build(step)
