"""The average body: its own geometry, and against the joints that people annotated."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mmalign.formats.benchmarks.average_body import average_body
from mmalign.formats.benchmarks.casa_files import read_records
from mmalign.formats.benchmarks.penn_action_files import read_annotation
from mmalign.skeletons import get_skeleton

JOINTS = get_skeleton("smpl24").joints


def pose(**turns: tuple[float, float, float]) -> np.ndarray:
    """Axis-angles ``(1, 72)``: zero but for some joints."""
    angles = np.zeros((1, 24, 3))
    for joint, turn in turns.items():
        angles[0, JOINTS.index(joint)] = turn
    return angles.reshape(1, 72)


def at(skeleton: str, name: str, **turns: tuple[float, float, float]) -> np.ndarray:
    joints, there = average_body().joints_of(skeleton, pose(**turns), np.zeros((1, 0)))
    index = get_skeleton(skeleton).joints.index(name)
    assert there[index]
    return joints[0, index]


def test_at_rest_it_is_an_adult_with_the_arms_out() -> None:
    assert at("penn13", "head")[1] - at("smpl24", "left_foot")[1] == pytest.approx(1.65, abs=0.05)
    span = at("smpl24", "left_hand") - at("smpl24", "right_hand")
    np.testing.assert_allclose(span, [1.52, 0, 0], atol=1e-9)
    for skeleton in ("penn13", "coco17", "body25"):
        for left, right in get_skeleton(skeleton).flip_pairs:
            joints, there = average_body().joints_of(skeleton, pose(), np.zeros((1, 0)))
            assert there[left] == there[right]
            np.testing.assert_allclose(joints[0, left], joints[0, right] * (-1, 1, 1), atol=1e-12)
            assert joints[0, left, 0] > 0 or not there[left]


def test_what_turns_takes_along_what_hangs_from_it() -> None:
    quarter = np.pi / 2
    # A nod by a right angle puts the top of the head before the head's joint.
    head = at("smpl24", "head")
    np.testing.assert_allclose(
        at("penn13", "head", head=(quarter, 0, 0)) - head, [0, -0.02, 0.13], atol=1e-9
    )
    # The elbow bends, and the wrist moves.
    elbow = at("coco17", "left_elbow")
    wrist = at("coco17", "left_wrist", left_elbow=(0, 0, quarter))
    np.testing.assert_allclose(wrist - elbow, [0, 0.25, 0], atol=1e-9)
    assert (at("body25", "mid_hip") == at("smpl24", "pelvis")).all()
    assert (at("body25", "neck") == at("smpl24", "neck")).all()


def off(points: np.ndarray, annotated: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mean distance after one scale and shift a frame, as a share of the larger side, ``(T,)``.

    Of the joints that are seen, ``(T, K)`` bool.
    """
    weight = (seen / seen.sum(axis=1, keepdims=True))[..., None]
    a, b = (x - (weight * x).sum(axis=1, keepdims=True) for x in (points, annotated))
    scale = (weight * a * b).sum(axis=(1, 2)) / (weight * a * a).sum(axis=(1, 2))
    distance = np.linalg.norm(a * scale[:, None, None] - b, axis=-1)
    placed = np.where(seen[..., None], annotated, np.nan)
    sides = np.nanmax(placed, axis=1) - np.nanmin(placed, axis=1)
    return (weight[..., 0] * distance).sum(axis=1) / sides.max(axis=1)


@pytest.mark.parametrize(
    "action", ["golf_swing", "jumping_jacks", "pushups", "tennis_forehand", "baseball_swing"]
)
def test_casas_records_lie_on_the_annotated_joints(action: str) -> None:
    folder = Path(os.environ.get("MMALIGN_DATA", ""), "penn_action")
    if not (folder / "casa_npyrecords").is_dir():
        pytest.skip("needs CASA's records: set MMALIGN_DATA to the folder that holds penn_action/")
    found = []
    for record in read_records(folder / "casa_npyrecords" / f"{action}_val.npy")[::6]:
        joints, _ = average_body().joints_of("penn13", record.pose, np.zeros((len(record.pose), 0)))
        annotation = read_annotation(folder / "labels" / f"{record.video}.mat")
        count = min(len(joints), len(annotation.xy))
        xy, seen = annotation.xy[:count], annotation.visible[:count]
        enough = seen.sum(axis=1) >= 8
        found.append(off(joints[:count, :, :2][enough], xy[enough], seen[enough]))
    assert 0.03 < np.median(np.concatenate(found)) < 0.05
