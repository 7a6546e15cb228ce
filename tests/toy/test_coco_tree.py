"""Rendered figures in COCO's format hold what the camera saw."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.toy import generate_dataset, render_frames
from mmalign.toy.coco_tree import figure_box, load_figures, write_coco


@pytest.mark.parametrize(("activity", "people", "joints"), [("throw", 1, 17), ("pour", 2, 21)])
def test_written_and_read_again(tmp_path, activity, people, joints) -> None:
    (clip,) = generate_dataset(activity, 1, "train", length=(64, 64))
    path = write_coco(tmp_path, "train", [clip], every=40)
    figures = list(load_figures(path))
    assert len(figures) == 2
    pixels, _ = clip.camera.project(clip.joints)
    for t, (image, boxes, found) in zip((0, 40), figures, strict=True):
        assert image.shape == (240, 320, 3) and image.dtype == np.uint8
        # JPEG, BGR.
        assert np.abs(image[..., ::-1].astype(int) - render_frames(clip)[t]).mean() < 4
        assert boxes.shape == (people, 4) and found.shape == (people, joints, 3)
        seen = found[..., 2] > 0
        expected = pixels[t].reshape(people, joints, 2)
        np.testing.assert_allclose(found[seen][:, :2], expected[seen], atol=0.01)
        inside = (expected >= 0).all(axis=-1) & (expected < (320, 240)).all(axis=-1)
        np.testing.assert_array_equal(seen, inside)


def test_coco_tools_take_it(tmp_path, capsys) -> None:
    tools = pytest.importorskip("pycocotools.coco", reason="the extra `pose` is not installed")
    (clip,) = generate_dataset("lift", 1, "val", length=(64, 64))
    coco = tools.COCO(write_coco(tmp_path, "val", [clip], every=30))
    assert coco.getCatIds(["person"]) == [1]
    (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=1))
    assert annotation["num_keypoints"] == sum(v > 0 for v in annotation["keypoints"][2::3])
    content = json.loads((tmp_path / "val.json").read_text())
    assert content["categories"][0]["keypoints"][5] == "left_shoulder"


def test_box_has_a_margin_and_stays_in_the_image() -> None:
    joints = np.array([[[10.0, 20], [60, 120]], [[-30.0, 5], [330, 239]]])
    boxes = figure_box(joints, (240, 320))
    np.testing.assert_allclose(boxes, [[2, 12, 68, 128], [0, 0, 319, 239]])
