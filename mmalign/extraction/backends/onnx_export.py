"""Networks of MMPose and MMDetection as ONNX files for the backend ``rtmlib``.

As small as RTMPose and RTMDet allow; MMDeploy exports more networks, but has no release for a
present-day torch.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mmalign.errors import InputError
from mmalign.extraction.backends.mmpose_models import OpenMMLabModel
from mmalign.fileio import atomic_write

OPSET = 17
MOST_BOXES = 100


class PoseOnly(nn.Module):
    """RTMPose without what is done to images before and to distributions after it."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Distributions over the columns and rows of crops.

        Args:
            crops: ``(N, 3, h, w)`` normalised RGB.

        Returns:
            ``simcc_x (N, K, w * r)`` and ``simcc_y (N, K, h * r)``, ``r`` bins per pixel.
        """
        return self.network.head(self.network.backbone(crops))


class DetectorOnly(nn.Module):
    """RTMDet up to its best boxes of one class; they still overlap."""

    def __init__(self, network: Any, wanted: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.network, self.wanted = network, wanted
        points = []
        for stride, _ in network.bbox_head.prior_generator.strides:
            rows, columns = (torch.arange(side // stride) * stride for side in size)
            y, x = torch.meshgrid(rows, columns, indexing="ij")
            points.append(torch.stack([x, y], dim=-1).reshape(-1, 2).float())
        self.points = torch.cat(points)

    def forward(self, images: Tensor) -> Tensor:
        """Boxes of images.

        Args:
            images: ``(N, 3, h, w)`` normalised BGR.

        Returns:
            ``(N, D, 5)`` x1, y1, x2, y2 in pixels of the images and the score, the best first.
        """
        network = self.network
        scores, distances = network.bbox_head(network.neck(network.backbone(images)))
        score = torch.cat([level.flatten(2) for level in scores], dim=2)[:, self.wanted].sigmoid()
        distance = torch.cat([level.flatten(2) for level in distances], dim=2).transpose(1, 2)
        low, high = self.points - distance[..., :2], self.points + distance[..., 2:]
        rows = torch.cat([low, high, score[..., None]], dim=-1)
        order = score.topk(min(MOST_BOXES, len(self.points)), dim=1).indices
        return rows.gather(1, order[..., None].expand(-1, -1, 5))


def export_pose(model: OpenMMLabModel, path: str | Path) -> None:
    """Write an RTMPose network.

    Raises:
        InputError: It is another network.
    """
    kind = model.config.model.head.type
    if kind != "RTMCCHead":
        raise InputError(f"{path}: the network's head is {kind}, expected RTMPose's RTMCCHead")
    width, height = model.config.model.head.input_size
    _export(PoseOnly(model.network), (height, width), ["simcc_x", "simcc_y"], path)


def export_detector(model: OpenMMLabModel, wanted: int, path: str | Path) -> None:
    """Write an RTMDet network.

    Args:
        model: The network.
        wanted: Number of the class that is to be found.
        path: The file.

    Raises:
        InputError: It is another network, or its images have no fixed size.
    """
    kind = model.config.model.bbox_head.type
    if not kind.startswith("RTMDet"):
        raise InputError(f"{path}: the network's head is {kind}, expected RTMDet's")
    steps = model.config.test_dataloader.dataset.pipeline
    size = next((step["size"] for step in steps if step["type"] == "Pad"), None)
    if size is None:
        raise InputError(f"{path}: the config's test pipeline pads to no fixed size; add a `Pad`")
    width, height = size
    _export(DetectorOnly(model.network, wanted, (height, width)), (height, width), ["dets"], path)


def _export(
    network: nn.Module, size: tuple[int, int], outputs: list[str], path: str | Path
) -> None:
    example = torch.zeros(2, 3, *size)
    with atomic_write(path) as temporary, warnings.catch_warnings():
        # The exporter of before torch.export: the new one needs packages more, and gains nothing.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example,),
            str(temporary),
            input_names=["input"],
            output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in ["input", *outputs]},
            opset_version=OPSET,
            dynamo=False,
        )
