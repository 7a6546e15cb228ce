"""The ONNX backend on networks whose answers are known.

The network for joints finds in a crop the reddest column and row; the one for people gives boxes
that are written into it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mmalign.errors import InputError
from mmalign.extraction.backends.catalogue import build_backend

for package in ("rtmlib", "onnxruntime", "onnx"):
    pytest.importorskip(package, reason="the extra `pose` is not installed")

BINS = 2


class Reddest(nn.Module):
    """``(N, 17, 2 * w)`` and ``(N, 17, 2 * h)``: how red the columns and rows of a crop are."""

    def forward(self, crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        red = crops[:, :1] - crops[:, 2:]
        return tuple(
            red.amax(dim=axis).repeat_interleave(BINS, dim=-1).expand(-1, 17, -1) * 0.1
            for axis in (2, 3)
        )


class Boxes(nn.Module):
    """The same boxes for every image, ``(N, 4, 5)``: two on one person, one of a low score."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = torch.tensor(
            [
                [10.0, 10, 50, 90, 0.9],
                [12, 11, 51, 92, 0.8],
                [60, 20, 400, 60, 0.7],
                [0, 0, 9, 9, 0.01],
            ]
        )
        return rows[None] + 0 * images.mean(dim=(1, 2, 3))[:, None, None]


class Classes(Boxes):
    """The same with a class each, as MMDeploy's detectors of COCO's classes give them."""

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = super().forward(images)
        return rows, (rows[..., 0] > 50).long() * 56 + 0 * rows[..., 1].long()


def export(network: nn.Module, size: tuple[int, int], path: Path, batch: bool = True) -> str:
    outputs = ["simcc_x", "simcc_y"] if isinstance(network, Reddest) else ["dets"]
    outputs += ["labels"] if isinstance(network, Classes) else []
    torch.onnx.export(
        network,
        (torch.zeros(2 if batch else 1, 3, *size),),
        str(path),
        input_names=["input"],
        output_names=outputs,
        dynamic_axes={name: {0: "batch"} for name in ["input", *outputs]} if batch else None,
        dynamo=False,
    )
    return str(path)


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("onnx")
    return {
        "pose": export(Reddest(), (128, 96), folder / "pose.onnx"),
        "single": export(Reddest(), (128, 96), folder / "single.onnx", batch=False),
        "people": export(Boxes(), (100, 100), folder / "people.onnx"),
        "classes": export(Classes(), (100, 100), folder / "classes.onnx"),
    }


def dotted(places: list[tuple[int, int]]) -> list[np.ndarray]:
    """Grey BGR pictures with a red dot, and a blue one that a swap of channels would find."""
    pictures = []
    for x, y in places:
        picture = np.full((200, 300, 3), 90, np.uint8)
        picture[y - 2 : y + 3, x - 2 : x + 3] = (0, 0, 255)
        picture[20:25, 20:25] = (255, 0, 0)
        pictures.append(picture)
    return pictures


@pytest.mark.parametrize("network", ["pose", "single"])
def test_joints_lie_where_the_picture_has_them(networks, network) -> None:
    backend = build_backend("rtmlib", networks[network], batch_size=2, threads=1)
    assert (backend.skeleton, backend.one_stage, backend.has_detector) == ("coco17", False, False)
    places = [(150, 100), (90, 60), (200, 150)]
    box = np.array([[0, 0, 300, 200]], np.float32)
    near = np.array([[40, 20, 260, 190]], np.float32)
    boxes = [np.concatenate([box, near]), box[:0], near]
    found = backend.estimate(dotted(places), boxes)
    assert [people.shape for people in found] == [(2, 17, 3), (0, 17, 3), (1, 17, 3)]
    for people, place in zip(found, places, strict=True):
        # A column of the crop is some pixels of the picture.
        assert np.all(np.abs(people[..., :2] - place) < 5)
        assert np.all((people[..., 2] > 0.1) & (people[..., 2] <= 1))


def test_nobody_in_any_frame(networks) -> None:
    backend = build_backend("rtmlib", networks["pose"], threads=1)
    none = np.zeros((0, 4), np.float32)
    found = backend.estimate(dotted([(90, 60)] * 2), [none, none])
    assert [people.shape for people in found] == [(0, 17, 3)] * 2


def test_boxes_are_in_pixels_of_the_frame_and_do_not_overlap(networks) -> None:
    backend = build_backend("rtmlib", networks["pose"], detector=networks["people"], threads=1)
    found = backend.detect(dotted([(90, 60)] * 3))
    assert len(found) == 3
    for rows in found:
        # The network saw the frame (200, 300) as (66, 100): three times smaller.
        expected = [[30, 30, 150, 200, 0.9], [180, 60, 300, 180, 0.7]]
        np.testing.assert_allclose(rows, expected, atol=1e-3)


def test_chairs_are_no_people(networks) -> None:
    backend = build_backend("rtmlib", networks["pose"], detector=networks["classes"], threads=1)
    (rows,) = backend.detect(dotted([(90, 60)]))
    np.testing.assert_allclose(rows, [[30, 30, 150, 200, 0.9]], atol=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "none.onnx"}, r"--model none\.onnx: no such ONNX file, nor one of lightweight"),
        ({"checkpoint": "a.pth"}, r"--checkpoint a\.pth: an ONNX file holds its weights"),
        ({"model": "people"}, r"--model .*people\.onnx: gives arrays of shapes \[\(1, 4, 5\)\]"),
        ({"detector": "pose"}, r"--detector .*pose\.onnx: its first output is \(1, 17, 192\)"),
        ({"model": "garbage"}, r"garbage\.onnx: not a usable ONNX file"),
        ({"device": "cuda"}, r"--device cuda: this ONNX Runtime has no CUDA"),
    ],
)
def test_wrong_files_are_told(networks, tmp_path, change, message) -> None:
    (tmp_path / "garbage.onnx").write_bytes(b"no network")
    files = {**networks, "garbage": str(tmp_path / "garbage.onnx")}
    change = {key: files.get(value, value) for key, value in change.items()}
    with pytest.raises(InputError, match=message) as caught:
        build_backend("rtmlib", **{"model": files["pose"], **change})
    assert "\n" not in str(caught.value)
