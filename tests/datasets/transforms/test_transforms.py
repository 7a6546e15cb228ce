"""Transforms: what they change, what they leave, and where their randomness comes from."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmcv.transforms import Compose

from mmalign.errors import InputError
from mmalign.functional.heatmap import pose_heatmaps
from mmalign.registry import TRANSFORMS
from mmalign.skeletons import get_skeleton

TEMPORAL = [
    dict(type="TemporalTrim", min_ratio=0.3, max_ratio=0.8),
    dict(type="TemporalSubsample", max_drop=0.5),
    dict(type="TemporalWarp"),
    dict(type="TemporalIdle", prob=0.7),
]
SPATIAL = [
    dict(type="PositionNoise", prob=1.0),
    dict(type="OrientationNoise", prob=1.0),
    dict(type="PoseFlip", prob=1.0),
    dict(type="PoseAffine", prob=1.0),
    dict(type="SideSwap", prob=1.0),
]


def sample(frames=40, seed=0):
    """A clip whose joints' x tells the frame: x = 10 * frame + joint."""
    keypoint = np.zeros((1, frames, 13, 2), np.float32)
    keypoint[..., 0] = 10 * np.arange(frames)[None, :, None] + np.arange(13)
    keypoint[..., 1] = np.arange(13)
    return dict(
        keypoint=keypoint,
        keypoint_score=np.ones((1, frames, 13), np.float32),
        frame_inds=np.arange(frames, dtype=np.float64),
        labels=np.arange(frames) // 10,
        img_shape=(100, 500),
        skeleton="penn13",
        sample_id="0001",
        split="train",
        num_frames=frames,
        rng=np.random.default_rng(seed),
    )


def build(*steps):
    return Compose([TRANSFORMS.build(step) for step in steps])


@pytest.mark.parametrize("step", TEMPORAL, ids=lambda step: step["type"])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(2, 60))
def test_temporal_poses_follow_frame_inds(step, seed, frames):
    before = sample(frames, seed)
    after = build(step)(dict(before))
    inds = after["frame_inds"]
    assert len(inds) == after["keypoint"].shape[1] == after["keypoint_score"].shape[1]
    assert (np.diff(inds) > 0).all() and inds[0] >= 0 and inds[-1] <= frames - 1
    np.testing.assert_allclose(after["keypoint"][0, :, 0, 0], 10 * inds, atol=1e-3)
    np.testing.assert_array_equal(after["labels"], before["labels"][np.rint(inds).astype(int)])


@pytest.mark.parametrize("step", TEMPORAL + SPATIAL, ids=lambda step: step["type"])
def test_nothing_is_edited_in_place_and_only_rng_draws(step):
    before = sample()
    copies = {key: np.copy(before[key]) for key in ("keypoint", "keypoint_score", "frame_inds")}
    np_random = np.random.mtrand._rand  # the global generator, which nothing may touch
    state = np_random.get_state()[1].copy()
    first = build(step)(dict(before))
    for key, copy in copies.items():
        np.testing.assert_array_equal(before[key], copy)
    np.testing.assert_array_equal(np_random.get_state()[1], state)
    second = build(step)(dict(sample()))
    np.testing.assert_array_equal(first["keypoint"], second["keypoint"])
    other = build(step)(dict(sample(seed=1)))
    if step["type"] != "PoseFlip":
        assert first["keypoint"].shape != other["keypoint"].shape or not np.array_equal(
            first["keypoint"], other["keypoint"]
        )


@pytest.mark.parametrize("step", SPATIAL, ids=lambda step: step["type"])
def test_spatial_leaves_time_alone_and_obeys_its_probability(step):
    before = sample()
    after = build(step)(dict(before))
    assert not np.array_equal(after["keypoint"], before["keypoint"])
    np.testing.assert_array_equal(after["frame_inds"], before["frame_inds"])
    never = build({**step, "prob": 0.0})(dict(before))
    np.testing.assert_array_equal(never["keypoint"], before["keypoint"])


def test_trim_is_contiguous_and_subsampling_keeps_at_least_half():
    for seed in range(30):
        trimmed = build(TEMPORAL[0])(sample(seed=seed))["frame_inds"]
        assert (np.diff(trimmed) == 1).all() and 12 <= len(trimmed) <= 32
        kept = build(TEMPORAL[1])(sample(seed=seed))["frame_inds"]
        assert 20 <= len(kept) <= 40
    capped = build(dict(type="TemporalSubsample", max_drop=0.0, max_frames=16))(sample())
    assert len(capped["frame_inds"]) == 16


def test_default_augmentations_are_table_9():
    noise = TRANSFORMS.build(dict(type="PositionNoise"))
    turn = TRANSFORMS.build(dict(type="OrientationNoise"))
    assert (noise.prob, noise.std, turn.prob, turn.std) == (0.3, 1.0, 0.3, 0.1)
    assert TRANSFORMS.build(dict(type="PoseFlip")).prob == 0.3
    assert TRANSFORMS.build(dict(type="TemporalSubsample")).max_drop == 0.5
    assert (noise.temporal_smoothness, turn.temporal_smoothness) == (0, 0)


def test_position_noise_has_its_deviation_and_orientation_noise_turns_one_limb():
    before = sample(400)
    moved = build(dict(type="PositionNoise", prob=1.0, std=2.0))(dict(before))
    assert (moved["keypoint"] - before["keypoint"]).std() == pytest.approx(2.0, rel=0.05)
    turned = build(dict(type="OrientationNoise", prob=1.0))(dict(before))
    changed = np.abs(turned["keypoint"] - before["keypoint"])[0].max((0, 2)) > 1e-6
    limbs = [set(joints) for _, joints in get_skeleton("penn13").rotatable]
    assert set(np.flatnonzero(changed)) in limbs


def test_nothing_turns_about_an_absent_joint():
    for seed in range(10):
        before = sample(20, seed)
        before["keypoint_score"][0, :10] = 0
        turned = build(dict(type="OrientationNoise", prob=1.0))(dict(before))
        np.testing.assert_array_equal(turned["keypoint"][0, :10], before["keypoint"][0, :10])
        assert (turned["keypoint"][0, 10:] != before["keypoint"][0, 10:]).any()


def test_smooth_noise_is_an_option():
    before = sample(200)
    smooth = build(dict(type="PositionNoise", prob=1.0, temporal_smoothness=10))(dict(before))
    noise = (smooth["keypoint"] - before["keypoint"])[0, :, 0, 0]
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] > 0.9


def test_box_is_that_of_what_is_left_after_trimming():
    before = sample()
    before["keypoint"][0, :20] *= 50
    trim = dict(type="TemporalTrim", min_ratio=0.25, max_ratio=0.25)
    crop = dict(type="CropToPoseBox")
    for seed in range(20):
        before["rng"] = np.random.default_rng(seed)
        after = build(trim, crop)(dict(before))
        assert after["keypoint"].max() == pytest.approx(29, abs=1e-3)
        assert after["img_shape"] == (30, 30)


def test_crop_of_a_window_without_anybody_gives_empty_maps():
    before = sample()
    before["keypoint_score"][:] = 0
    after = build(dict(type="CropToPoseBox"), dict(type="GeneratePoseHeatmap"))(before)
    assert (after["heatmap"] == 0).all()


def test_nan_at_a_present_joint_is_named():
    before = sample()
    before["keypoint"][0, 3, 2] = np.nan
    with pytest.raises(InputError, match="0001"):
        build(dict(type="CropToPoseBox"))(before)


def test_absent_joints_may_be_nan_all_the_way():
    before = sample()
    before["keypoint"][0, 3, 2], before["keypoint_score"][0, 3, 2] = np.nan, 0
    after = build(dict(type="CropToPoseBox"), *SPATIAL, dict(type="GeneratePoseHeatmap"))(before)
    assert torch.isfinite(after["heatmap"]).all()


def test_pipeline_and_preprocessor_draw_the_same_maps():
    from mmalign.models import AlignmentDataPreprocessor

    crop = dict(type="CropToPoseBox")
    pack = dict(type="PackAlignmentInputs")
    drawn = build(crop, dict(type="GeneratePoseHeatmap"), pack)(sample())
    packed = build(crop, pack)(sample())
    preprocessor = AlignmentDataPreprocessor("penn13")
    batches = [
        preprocessor(
            dict(inputs=dict(pose=[[s["inputs"]["pose"][0]]]), data_samples=[s["data_samples"]])
        )
        for s in (drawn, packed)
    ]
    frames = [batch["inputs"][0].frames["pose"] for batch in batches]
    assert torch.equal(*frames)
    pose = packed["inputs"]["pose"][0]
    limbs = get_skeleton("penn13").limbs
    assert torch.equal(frames[0], pose_heatmaps(pose[..., :2], pose[..., 2], limbs))


def test_two_views_draw_apart_and_share_the_original_frames():
    views = [dict(type="TemporalTrim"), dict(type="TemporalSubsample"), dict(type="CropToPoseBox")]
    pipeline = build(
        dict(type="TwoViews", view0=views, view1=views), dict(type="PackAlignmentInputs")
    )
    packed = pipeline(sample())
    inds = packed["data_samples"].frame_inds
    assert len(packed["inputs"]["pose"]) == len(inds) == 2
    assert not (len(inds[0]) == len(inds[1]) and torch.equal(*inds))
    assert [len(pose) for pose in packed["inputs"]["pose"]] == [len(i) for i in inds]
    assert packed["data_samples"].sample_id == "0001"
    assert torch.equal(packed["data_samples"].labels, inds[0].long() // 10)
    again = pipeline(sample())
    assert all(
        torch.equal(a, b) for a, b in zip(inds, again["data_samples"].frame_inds, strict=True)
    )


@pytest.mark.parametrize(
    "step",
    [
        dict(type="TemporalTrim", min_ratio=0.9, max_ratio=0.5),
        dict(type="TemporalSubsample", max_drop=1.0),
        dict(type="TemporalWarp", min_speed=0),
        dict(type="PositionNoise", prob=1.5),
    ],
    ids=lambda step: step["type"],
)
def test_bad_arguments_are_named(step):
    with pytest.raises(ValueError, match="ratio|max_drop|speed|prob"):
        TRANSFORMS.build(step)


def test_joint_dropout_takes_a_share_and_leaves_a_joint():
    before = sample(200)
    before["keypoint_score"][0, 5, 1:] = 0
    step = dict(type="JointDropout", prob=1.0, max_share=1.0)
    shares = []
    for seed in range(40):
        after = build(step)(dict(before, rng=np.random.default_rng(seed)))
        scores, old = after["keypoint_score"][0], before["keypoint_score"][0]
        assert ((scores == old) | (scores == 0)).all()
        assert (scores > 0).any(axis=1).all()
        np.testing.assert_array_equal(after["keypoint"], before["keypoint"])
        shares.append(1 - (scores > 0).sum() / (old > 0).sum())
    assert 0.35 < np.mean(shares) < 0.6 and np.std(shares) > 0.15
    assert (build(dict(step, max_share=0.0))(dict(before))["keypoint_score"] > 0).sum() == (
        before["keypoint_score"] > 0
    ).sum()


def test_joint_dropout_of_an_empty_clip_is_no_error():
    empty = sample(4)
    empty["keypoint_score"][:] = 0
    after = build(dict(type="JointDropout", prob=1.0))(empty)
    assert (after["keypoint_score"] == 0).all()


def test_idling_lengthens_the_ends_and_moves_nothing_else():
    before = sample(frames=50, seed=5)
    inds = build(dict(type="TemporalIdle", max_share=0.6, prob=1.0))(dict(before))["frame_inds"]
    middle = inds[(inds >= 1) & (inds <= 48)]
    np.testing.assert_array_equal(middle, np.arange(1, 49))
    first, last = (inds < 1).sum(), (inds > 48).sum()
    assert 1 < first <= 30 and 1 < last <= 30
    assert inds[first - 1] < 0.5 and inds[-last] > 48.5 and inds[-1] == 49


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(1, 60))
def test_swapped_sides_are_whole_limbs_in_runs(seed, frames):
    before = sample(frames, seed)
    before["keypoint_score"] = before["keypoint_score"] * np.linspace(0.1, 1, 13, dtype=np.float32)
    step = dict(type="SideSwap", prob=1.0, max_share=0.3, length=(3, 6))
    after = build(step)(dict(before))
    skeleton = get_skeleton("penn13")
    there, kept = before["keypoint"][0], after["keypoint"][0]
    swapped = (kept != there).any(-1)
    exchanged = there[:, skeleton.flip_index]
    np.testing.assert_array_equal(kept, np.where(swapped[..., None], exchanged, there))
    scores = before["keypoint_score"][0]
    np.testing.assert_array_equal(
        after["keypoint_score"][0], np.where(swapped, scores[:, skeleton.flip_index], scores)
    )
    arm, leg = ("left_arm", "left_leg")
    for limb in (arm, leg):
        joints = list(skeleton.limb_groups[limb])
        assert (swapped[:, joints] == swapped[:, joints[:1]]).all()
    assert not swapped[:, 0].any() and swapped.any()
