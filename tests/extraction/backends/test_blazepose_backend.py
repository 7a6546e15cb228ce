"""BlazePose: the steps round its networks, on networks whose answers are known, and on videos.

The made up networks look at their input: people are pairs of dots, a red one at the hips and a
green one above the head.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.extraction.backends import blazepose
from mmalign.extraction.backends.blaze.detections import anchors
from mmalign.extraction.backends.blaze.networks import BODY, HAND
from mmalign.extraction.backends.catalogue import build_backend
from mmalign.extraction.estimation import Estimation, estimate_people
from tools import load_tool

RED, GREEN = 0, 1


def dots(picture: np.ndarray, channel: int) -> np.ndarray:
    """Middles ``(D, 2)`` of the dots of a colour in an RGB picture, left to right."""
    mask = (picture[..., channel] - picture[..., 2] > 0.4).astype(np.uint8)
    count, _, _, middles = cv2.connectedComponentsWithStats(mask)
    return middles[1:][np.argsort(middles[1:, 0])].astype(np.float32)


class Detector:
    """Gives each red dot's anchor the dot, the green one, and a score; others none."""

    size = 224

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        self.calls += 1
        assert picture.min() >= -1 and picture.max() <= 1
        middles = anchors(224, BODY.strides) * 224
        raw, logits = np.zeros((2254, 12), np.float32), np.full((2254, 1), -20, np.float32)
        picture = (picture + 1) / 2
        for red, green in zip(dots(picture, RED), dots(picture, GREEN), strict=False):
            near = np.argsort(np.abs(middles - red).sum(axis=1))[:3]
            side = np.abs(green - red).max() / 2
            rows = [red, [side, side], red, green, [0, 0], [0, 0]]
            raw[near] = np.array([np.array(row) for row in rows]).reshape(-1)
            # All but the box's sides are relative to the anchor.
            raw[near] -= np.tile(middles[near], (1, 6)) * [1, 1, 0, 0, *[1] * 8]
            logits[near, 0] = 2 + red[0] / 224
        return [raw, logits]


class Landmarks:
    """Every joint is the red dot nearest to the middle, but joint 1, which is the green one."""

    size = 256

    def __init__(self, presence: float = 0.9) -> None:
        self.presence = presence

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        rows = np.zeros((39, 5), np.float32)
        rows[:, 3] = 2
        for joint, channel in ((slice(None), RED), (1, GREEN)):
            found = dots(picture, channel)
            if len(found):
                # The green one lies straight above the middle.
                aim = [128, 128 if channel == RED else 128 - 256 / 2.5]
                rows[joint, :2] = found[np.abs(found - aim).sum(axis=1).argmin()]
        heatmaps = np.full((64, 64, 39), -30, np.float32)
        empty = np.zeros(0, np.float32)
        return [rows.reshape(-1), np.array([self.presence], np.float32), empty, heatmaps, empty]


def picture_of(people: list[tuple], size=(480, 640)) -> np.ndarray:
    """BGR picture of red and green dots."""
    picture = np.full((*size, 3), 20, np.uint8)
    for red, green in people:
        cv2.circle(picture, red, 7, (20, 20, 255), -1)
        cv2.circle(picture, green, 7, (20, 255, 20), -1)
    return picture


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> blazepose.BlazePoseBackend:
    made = {"pose_detection": Detector(), "pose_landmark_full": Landmarks()}
    monkeypatch.setattr(blazepose, "import_litert", lambda: None)
    monkeypatch.setattr(blazepose, "get_weights", lambda name: name)
    monkeypatch.setattr(blazepose, "Network", lambda name, threads: made[name])
    return build_backend("blazepose", threads=1)


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (360, 640), (300, 1000)])
def test_people_are_found_where_they_are_however_they_lie(backend, size) -> None:
    people = [((150, 200), (150, 120)), ((350, 150), (430, 130))]
    picture = picture_of(people, size)
    (found,) = backend.detect([picture])
    assert len(found) == 2 and found.dtype == np.float32
    assert (backend._detector.calls > 1) == (size[1] >= 1.5 * size[0])
    assert found[0, 4] >= found[1, 4] > 0.8
    for row in found:
        red, green = min(people, key=lambda one: abs(one[0][0] - (row[0] + row[2]) / 2))
        length = np.hypot(*np.subtract(green, red))
        assert (row[:2] + row[2:4]) / 2 == pytest.approx(red, abs=3)
        assert row[2] - row[0] == pytest.approx(2.5 * length, rel=0.1)
        up = row[5:] / np.linalg.norm(row[5:])
        assert up == pytest.approx(np.subtract(green, red) / length, abs=0.1)
    (poses,) = backend.estimate([picture], [np.delete(found, 4, axis=1)])
    assert poses.shape == (2, 33, 3) and poses.dtype == np.float32
    for pose in poses:
        red, green = min(people, key=lambda one: abs(one[0][0] - pose[0, 0]))
        np.testing.assert_allclose(pose[[0, 1, 5], :2], [red, green, red], atol=2)
        np.testing.assert_allclose(pose[:, 2], 1 / (1 + np.exp(-2)), rtol=1e-5)


def test_nobody(backend) -> None:
    empty = picture_of([])
    (found,) = backend.detect([empty])
    assert found.shape == (0, 7)
    (poses,) = backend.estimate([empty], [np.delete(found, 4, axis=1)])
    assert poses.shape == (0, 33, 3)
    # A box in which the landmark network sees nobody.
    backend._landmarks = Landmarks(presence=0.4)
    (poses,) = backend.estimate([empty], [np.array([[0, 0, 99, 99, 0, -1]], np.float32)])
    assert poses.shape == (0, 33, 3)


def test_one_who_was_found_twice_is_one(backend) -> None:
    picture = picture_of([((400, 250), (490, 230))])
    (found,) = backend.detect([picture])
    twice = np.repeat(np.delete(found, 4, axis=1), 2, axis=0) + np.float32([[0] * 6, [4] * 6])
    assert len(backend.estimate([picture], [twice])[0]) == 1


def test_between_detections_the_squares_turn_along(backend) -> None:
    """Somebody who falls over in 9 frames, of which the detector sees the first and the last."""
    turn = np.linspace(0, np.pi / 2, 9)
    falling = [
        ((250, 300), (round(250 + 100 * np.sin(a)), round(300 - 100 * np.cos(a)))) for a in turn
    ]
    pictures = [picture_of([one]) for one in falling]
    people, lost = estimate_people(iter(pictures), 9, backend, Estimation(det_every=8), "a.mp4")
    assert backend._detector.calls == 2 and lost == 0
    assert people.frames.tolist() == list(range(9))
    for pose, (red, green) in zip(people.poses, falling, strict=True):
        np.testing.assert_allclose(pose[:2, :2], [red, green], atol=3)


def test_hands_have_networks_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Network:
        size = 192

        def __init__(self, name: str, threads: int | None) -> None:
            self.name = name

        def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
            assert 0 <= picture.min() and picture.max() <= 1
            if self.name == HAND.detector:
                raw, logits = np.zeros((2016, 18)), np.full((2016, 1), -20.0)
                raw[100, 2:4], raw[100, 9], logits[100] = 30, -40, 3
                return [raw.astype(np.float32), logits]
            rows = np.tile(np.float32([96, 48, 0]), 21)
            return [rows, np.float32([0.7]), np.float32([1]), rows]

    monkeypatch.setattr(blazepose, "import_litert", lambda: None)
    monkeypatch.setattr(blazepose, "get_weights", lambda name: name)
    monkeypatch.setattr(blazepose, "Network", Network)
    backend = build_backend("blazepose", skeleton="hands42")
    assert backend.skeleton == "hand21"
    picture = np.zeros((192, 192, 3), np.uint8)
    (found,) = backend.detect([picture])
    x, y = anchors(192, HAND.strides)[100] * 192
    # A palm of 30 pixels that points up: the square is half a palm higher and 2.6 palms wide.
    assert found[0] == pytest.approx([x - 39, y - 54, x + 39, y + 24, 0.9526, 0, -1], abs=1e-3)
    (hands,) = backend.estimate([picture], [np.delete(found, 4, axis=1)])
    assert hands.shape == (1, 21, 3)
    assert hands[0, 7] == pytest.approx([x, y - 15 - 19.5, 0.7], abs=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "a.onnx"}, "--model a.onnx: backend blazepose has networks of its own; leave"),
        ({"detector": "human"}, "--detector human: backend blazepose has networks of its own"),
        ({"device": "cuda"}, "--device cuda: backend blazepose computes on the CPU"),
    ],
)
def test_what_it_cannot_use_is_told(change, message) -> None:
    with pytest.raises(InputError, match=message):
        build_backend("blazepose", **change)


@pytest.mark.slow
def test_real_people_are_where_openpose_has_them(repo: Path, capsys) -> None:
    """Four cameras; in frames of the second one left and right change places."""
    pytest.importorskip("ai_edge_litert", reason="the extra `video` is not installed")
    data = Path(os.environ.get("MMALIGN_DATA", "-"), "pose2sim_balancing")
    if not data.is_dir():
        pytest.skip("needs Pose2Sim's recording: set MMALIGN_DATA to where pose2sim_balancing/ is")
    from mmalign.extraction.backends.blaze.weights import get_weights

    try:
        get_weights("pose_landmark_full")
    except InputError as error:
        pytest.skip(str(error))
    main = load_tool("analysis/pose_agreement.py").main
    capsys.readouterr()  # Whether the weights had to be fetched.

    arguments = [str(data / "videos"), "--reference", str(data / "pose-associated")]
    assert main([*arguments, "--backend", "blazepose", "--det-every", "10", "--threads", "1"]) == 0
    out, err = capsys.readouterr()
    rows = [line.strip("| ").split(" | ") for line in out.splitlines()[2:]]
    assert [row[0] for row in rows] == [f"cam0{i}.mp4" for i in (1, 2, 3, 4)] and err == ""
    for row, least in zip(rows, (0.97, 0.65, 0.93, 0.97), strict=True):
        assert float(row[2]) >= 0.95 and int(row[3]) == 19
        assert float(row[4]) >= least and float(row[5]) < 22
