"""3D poses: as they are, and through random cameras."""

import numpy as np
import pytest
import torch

from mmalign.datasets import ToyPoseDataset
from mmalign.errors import InputError
from mmalign.functional.pose import rotate_about
from mmalign.registry import MODELS, TRANSFORMS
from mmalign.skeletons import get_skeleton


@pytest.fixture(scope="module")
def toy():
    return ToyPoseDataset(num_sequences=2, length=(60, 70))


def fundamental_misfit(a, b):
    """How far pairs of points are from any two cameras' epipolar constraint: 0 if one fits."""
    a, b = ((p - p.mean(0)) / p.std() for p in (a, b))
    ones = np.ones((len(a), 1))
    a, b = np.hstack([a, ones]), np.hstack([b, ones])
    products = np.einsum("ni,nj->nij", a, b).reshape(len(a), 9)
    return np.linalg.svd(products, compute_uv=False)[-1] / np.sqrt(len(a))


def test_two_cameras_see_the_same_moments(toy):
    camera = TRANSFORMS.build(dict(type="RandomCamera"))
    sample = toy.get_data_info(0)
    one, other = camera(sample), camera(dict(sample, rng=np.random.default_rng(1)))
    assert "keypoint_3d" not in one
    there = sample["keypoint_score"] > 0
    assert not there.all()
    assert (one["keypoint"][~there] == 0).all()
    np.testing.assert_array_equal(one["keypoint_score"], sample["keypoint_score"])
    views = [view["keypoint"][there].astype(np.float64) for view in (one, other)]
    for seen in views:
        assert (seen > 0).all() and (seen < [1280, 720]).all()
    assert np.abs(views[0] - views[1]).mean() > 10
    assert fundamental_misfit(*views) < 1e-4
    assert fundamental_misfit(views[0], views[1][::-1]) > 1e-2


def test_only_the_generator_of_the_sample_decides(toy):
    camera = TRANSFORMS.build(dict(type="RandomCamera"))
    first, again = (camera(toy.get_data_info(1))["keypoint"] for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_without_luck_the_poses_stay(toy):
    sample = toy.get_data_info(0)
    kept = TRANSFORMS.build(dict(type="RandomCamera", prob=0))(sample)
    np.testing.assert_array_equal(kept["keypoint"], sample["keypoint"])
    assert kept["img_shape"] == sample["img_shape"]


def test_every_up_is_the_same_world(toy):
    """Upright worlds that differ in the name of their axes look alike."""
    sample = toy.get_data_info(0)
    points = sample["keypoint_3d"]
    # x, y, z (up) as x, -z, y (y up: z towards the viewer is -y) and x, z, -y as a camera has them.
    renamed = {
        "z": points,
        "y": np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1),
        "-y": np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1),
    }
    seen = [
        TRANSFORMS.build(dict(type="RandomCamera", up=up))(
            dict(sample, keypoint_3d=world, rng=np.random.default_rng(3))
        )["keypoint"]
        for up, world in renamed.items()
    ]
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-2)
    np.testing.assert_allclose(seen[2], seen[0], atol=1e-2)


@pytest.mark.parametrize("name", ["RandomCamera", "Use3DKeypoints"])
def test_errors_say_what_is_missing(toy, name):
    transform = TRANSFORMS.build(dict(type=name))
    flat = {k: v for k, v in toy.get_data_info(0).items() if k != "keypoint_3d"}
    with pytest.raises(InputError, match=f"{name}: .* has no 3D poses"):
        transform(flat)
    for before in (
        dict(type="TemporalWarp", min_speed=1, max_speed=1),
        dict(type="CropToPoseBox"),
        dict(type="PoseFlip", prob=1.0),
        dict(type="PositionNoise", prob=0.0),
    ):
        changed = TRANSFORMS.build(before)(toy.get_data_info(0))
        with pytest.raises(InputError, match="put the transform before"):
            transform(changed)


@pytest.mark.parametrize(
    "wrong", [dict(distance=(0.4, 2)), dict(azimuth=(3, 1)), dict(up="x"), dict(prob=2)]
)
def test_arguments_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TRANSFORMS.build(dict(type="RandomCamera", **wrong))


def test_a_pipeline_in_3d_keeps_its_box_and_its_mirror(toy):
    sample = toy.get_data_info(0)
    there = sample["keypoint_score"][0] > 0
    box = TRANSFORMS.build(dict(type="CropToPoseBox", size=30))
    fitted = box(TRANSFORMS.build(dict(type="Use3DKeypoints"))(sample))
    places = fitted["keypoint"][0][there]
    assert places.shape[1] == 3
    extent = np.ptp(places, axis=0)
    assert extent.max() == pytest.approx(29, abs=1e-3)
    np.testing.assert_allclose((places.max(0) + places.min(0)) / 2, 14.5, atol=1e-3)
    # Limbs keep their relative lengths.
    original = sample["keypoint_3d"][0][there]
    scale = 29 / np.ptp(original, axis=0).max()
    np.testing.assert_allclose(np.ptp(places, axis=0), np.ptp(original, axis=0) * scale, rtol=1e-3)


def test_a_body_is_mirrored_left_for_right_wherever_it_faces(toy):
    sample = TRANSFORMS.build(dict(type="Use3DKeypoints"))(toy.get_data_info(0))
    swap = get_skeleton("coco17").flip_index
    there = sample["keypoint_score"] > 0
    flip = TRANSFORMS.build(dict(type="PoseFlip", prob=1.0))
    for degrees in (0, 30, 90, 200):
        cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        pose = sample["keypoint"] @ turn.T
        mirrored = flip(dict(sample, keypoint=pose))
        found, present = mirrored["keypoint"][0], mirrored["keypoint_score"][0] > 0
        np.testing.assert_array_equal(present, there[0][:, swap])
        # A toy figure faces x, its left is y: seen so, y alone turns over.
        facing = found @ turn
        before, centre = sample["keypoint"][0][:, swap], sample["keypoint"][there].mean(0)
        np.testing.assert_allclose(facing[present][:, 0], before[present][:, 0], atol=0.15)
        np.testing.assert_allclose(
            facing[present][:, 1], 2 * centre[1] - before[present][:, 1], atol=0.15
        )
        np.testing.assert_allclose(facing[present][:, 2], before[present][:, 2], atol=0.15)
        # Distances are kept, and a second time gives the first pose again.
        again = flip(dict(mirrored, keypoint=mirrored["keypoint"].astype(np.float64)))
        np.testing.assert_allclose(again["keypoint"][there], pose[there], atol=1e-4)


def test_orientation_noise_in_3d_keeps_lengths(toy):
    sample = TRANSFORMS.build(dict(type="Use3DKeypoints"))(toy.get_data_info(0))
    sample["keypoint_score"] = np.ones_like(sample["keypoint_score"])
    noise = TRANSFORMS.build(dict(type="OrientationNoise", prob=1.0, std=0.5))
    turned = noise(dict(sample))["keypoint"][0]
    before = sample["keypoint"][0]
    moved = np.abs(turned - before).max(axis=(0, 2)) > 1e-3
    assert moved.any() and not moved.all()
    (pivot,) = [
        pivot
        for pivot, joints in get_skeleton("coco17").rotatable
        if set(joints) == set(np.flatnonzero(moved))
    ]
    lengths = [
        np.linalg.norm(pose[:, moved] - pose[:, [pivot]], axis=-1) for pose in (before, turned)
    ]
    np.testing.assert_allclose(lengths[0], lengths[1], rtol=1e-4)


def test_rotation_in_the_plane_is_that_of_the_third_axis():
    points = np.random.default_rng(0).normal(size=(4, 3, 2))
    solid = np.concatenate([points, np.zeros((4, 3, 1))], -1)
    angle = np.array([0.1, -0.4, 1.0, 3.0])
    flat = rotate_about(points, 0, [1, 2], angle)
    np.testing.assert_allclose(rotate_about(solid, 0, [1, 2], angle)[..., :2], flat)
    x, y = (points[1, 1] - points[1, 0]).tolist()
    cos, sin = np.cos(-0.4), np.sin(-0.4)
    np.testing.assert_allclose(
        flat[1, 1] - points[1, 0], [x * cos - y * sin, x * sin + y * cos], rtol=1e-6
    )


def test_affine_changes_are_of_the_plane(toy):
    sample = TRANSFORMS.build(dict(type="Use3DKeypoints"))(toy.get_data_info(0))
    with pytest.raises(InputError, match="PoseAffine changes poses in 2D"):
        TRANSFORMS.build(dict(type="PoseAffine", prob=1.0))(sample)


def test_a_network_of_the_other_kind_says_so(toy):
    packed = TRANSFORMS.build(dict(type="PackAlignmentInputs"))(toy.get_data_info(0))
    batch = dict(
        inputs={"pose": [[packed["inputs"]["pose"][0]]]}, data_samples=[packed["data_samples"]]
    )
    solid = MODELS.build(dict(type="CoordinateDataPreprocessor", skeleton="coco17", dims=3))
    with pytest.raises(InputError, match="poses have 2 coordinates, the network takes 3"):
        solid(batch)
    flat = MODELS.build(dict(type="CoordinateDataPreprocessor", skeleton="coco17"))
    frames = flat(batch)["inputs"][0].frames["pose"]
    assert frames.shape[1:] == (17, 3)
    batch["inputs"]["pose"][0][0] = torch.zeros(len(frames), 17, 4)
    maps = MODELS.build(dict(type="AlignmentDataPreprocessor", skeleton="coco17"))
    with pytest.raises(InputError, match="poses have 3 coordinates, the network takes 2"):
        maps(batch)
