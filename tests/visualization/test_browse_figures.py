"""Figures of a data set: what is drawn, in which colour, and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton
from mmalign.toy.generator import generate_dataset
from mmalign.toy.writer import toy_entry
from mmalign.visualization import draw_contact_sheet, draw_heatmaps, draw_view_pair
from mmalign.visualization.contact_sheet import ShownSequence
from mmalign.visualization.oblique import oblique_view
from mmalign.visualization.skeleton_drawing import (
    CELL,
    LEFT,
    MIDDLE,
    PITCH,
    RIGHT,
    draw_skeleton,
    joint_colours,
    limb_colours,
    spread_frames,
)


@pytest.mark.parametrize("name", ["penn13", "coco17", "hands42", "body25"])
def test_colours_follow_the_persons_own_sides(name):
    skeleton = get_skeleton(name)
    of_name = {"left": LEFT, "right": RIGHT}
    for joint, colour in zip(skeleton.joints, joint_colours(skeleton), strict=True):
        assert tuple(colour) == to_rgb(of_name.get(joint.split("_")[0], MIDDLE))
    for limb, colour in zip(skeleton.limbs, limb_colours(skeleton), strict=True):
        sides = {skeleton.joints[joint].split("_")[0] for joint in limb} & {"left", "right"}
        expected = of_name[sides.pop()] if len(sides) == 1 else MIDDLE
        assert tuple(colour) == to_rgb(expected)


def test_absent_joints_are_not_drawn_and_occluded_ones_are_faint():
    skeleton = get_skeleton("penn13")
    xy = np.random.default_rng(0).uniform(0, 100, (13, 2))
    scores = np.ones(13)
    absent, occluded = skeleton.joints.index("left_wrist"), skeleton.joints.index("right_knee")
    scores[absent], scores[occluded] = 0, 0.5
    xy[absent] = np.nan
    axes = Figure().subplots()
    draw_skeleton(axes, xy, scores, skeleton)
    dots, lines = axes.collections[1], axes.collections[0]
    kept = [limb for limb in skeleton.limbs if absent not in limb]
    assert isinstance(lines, LineCollection)
    np.testing.assert_allclose(np.array(lines.get_segments()), xy[np.array(kept)])
    drawn = [joint for joint in range(13) if joint != absent]
    np.testing.assert_allclose(dots.get_offsets(), xy[drawn])
    alpha = dict(zip(drawn, dots.get_facecolor()[:, 3], strict=True))
    assert alpha.pop(occluded) < 0.5 and set(alpha.values()) == {1.0}
    faint = [occluded in limb for limb in kept]
    assert ((lines.get_colors()[:, 3] < 0.5) == faint).all()


def test_spread_frames_are_distinct_and_reach_both_ends():
    for count, num in ((1, 10), (2, 10), (10, 10), (50, 7)):
        frames = spread_frames(count, num)
        assert frames[0] == 0 and frames[-1] == count - 1
        assert len(set(frames)) == len(frames) == min(count, num)


def shown(index: int, labels: bool = True, solid: bool = False) -> ShownSequence:
    toy = generate_dataset("lift", 2, "val")[index]
    points = np.concatenate([toy.keypoints, toy.scores[..., None]], -1) if solid else None
    sequence = PoseSequence(
        toy.keypoints,
        toy.scores,
        toy.frame_size,
        toy.fps,
        toy.skeleton,
        labels=toy.labels if labels else None,
        keypoints3d=points,
    )
    return ShownSequence(
        replace(toy_entry(toy, index), labelled=labels), sequence, ["bend", "lift", "dip", "put up"]
    )


def test_sheet_has_a_row_per_sequence_with_frames_phases_and_bars(tmp_path):
    figure = draw_contact_sheet(
        [shown(0), shown(1, labels=False), shown(0, solid=True)], "title", 5
    )
    rows = figure.axes
    assert len(rows) == 4  # The last sequence has a second row for its 3D poses.
    first = shown(0).sequence
    texts = [text.get_text() for text in rows[0].texts]
    names = ["bend", "lift", "dip", "put up"]
    frames = spread_frames(first.num_frames, 5)
    assert texts == [f"{f}\n{names[first.labels[f]]}" for f in frames]
    bars = [(bar.get_x(), bar.get_width()) for bar in rows[0].patches]
    lengths = np.unique(first.labels, return_counts=True)[1]
    width = 4 * PITCH + CELL
    np.testing.assert_allclose([b[1] for b in bars], lengths / first.num_frames * width)
    assert not rows[1].patches and "no phases" in rows[1].get_title(loc="left")
    assert "3D" in rows[3].get_title(loc="left") and "3D" not in rows[2].get_title(loc="left")
    figure.savefig(tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 20_000


def test_a_frame_without_anybody_says_so():
    item = shown(0)
    item.sequence.scores[-1] = 0
    texts = [text.get_text() for text in draw_contact_sheet([item], "", 4).axes[0].texts]
    assert texts.count("no joint") == 1


def test_heatmaps_are_coloured_by_side_and_empty_where_absent():
    item = shown(0)
    skeleton = get_skeleton("coco17")
    for joint in range(skeleton.num_joints):
        if not skeleton.joints[joint].startswith("left_"):
            item.sequence.scores[:, joint] = 0
    figure = draw_heatmaps(item.sequence, "title", num_frames=3)
    assert len(figure.axes) == 9
    for axes in figure.axes[3:]:
        picture = axes.images[0].get_array()
        red, _, blue = np.moveaxis(np.asarray(picture), -1, 0)
        assert blue.max() > 0.4 and (blue >= red).all() and (blue > red).sum() > 20


def test_lines_join_frames_of_the_same_index():
    item = shown(0)
    inds = np.array([4.0, 10.0, 16.0]), np.array([0.0, 4.0, 13.0, 16.0, 20.0])
    views = [
        dict(
            keypoint=item.sequence.keypoints[None, i.astype(int)] / 10,
            keypoint_score=item.sequence.scores[None, i.astype(int)],
            frame_inds=i,
            skeleton="coco17",
            img_shape=(30, 30),
        )
        for i in inds
    ]
    figure = draw_view_pair((views[0], views[1]), "title", 5)
    ends = [(line.xy1[0], line.xy2[0]) for line in figure.artists]
    # Frames 0 and 20 lie outside view 0; 13 stands half-way between its frames 10 and 16.
    cells = [(0, 1), (1.5, 2), (2, 3)]
    expected = [(a * PITCH + CELL / 2, b * PITCH + CELL / 2) for a, b in cells]
    np.testing.assert_allclose(ends, expected)


@pytest.mark.parametrize("up", ["camera", "world"])
def test_oblique_view_is_the_camera_turned_about_the_upright_axis(up):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 17, 3)) * [0.3, 0.8, 0.3] + [0, 0, 4]
    flat = 500 * points[..., :2] / points[..., 2:] + 320
    scores = np.ones(flat.shape[:2], np.float32)
    # The same points with z up: x, z, -y.
    given = (
        points
        if up == "camera"
        else np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1)
    )
    seen = oblique_view(given, flat, scores, 0.0)
    np.testing.assert_allclose(seen, points[..., :2], atol=1e-9)
    side = oblique_view(given, flat, scores, 90.0)
    np.testing.assert_allclose(side, np.stack([points[..., 2], points[..., 1]], -1), atol=1e-9)
