"""MMPose and MMDetection without mmcv's compiled operators and without torchvision.

Upstream:

* MMPose 1.3.2's ED-Pose and RTMO heads, and all of MMDetection 3.3.0, import ``mmcv.ops`` when they
  are imported. Nobody builds wheels of mmcv 2.1 with operators for a present-day torch, and what
  `mmcv-lite` brings stops at ``mmcv._ext``. Of the operators, RTMPose, RTMDet and RTMO need one:
  non-maximum suppression.
* MMPose's SimCC visualizer imports ``torchvision.transforms.ToPILImage`` for heatmaps that nothing
  here draws, and ``mmpose.apis`` imports the visualizer. torchvision from PyPI beside a CPU torch
  breaks every MMEngine runner, so it is not asked for.

Nothing happens on import; :func:`import_mmpose` mends what the installation lacks, and only that.
(``mmaction.models``, which fails too, is not imported by anything here.)
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

# Loaders that run nothing of what they read, for all that MMEngine loads from here on.
import mmalign.compat.checkpoint  # noqa: F401
from mmalign.errors import InputError

OPERATORS = "mmcv._ext"
INSTALL = "pip install -e '.[pose]' && pip install --no-deps -r requirements/mmpose.txt"
# What torch and setuptools say to MMDetection and MMEngine, not to the user.
_NOISE = (r"pkg_resources is deprecated", r"`torch\.cuda\.amp\.autocast", r"torch\.meshgrid: in an")


def import_mmpose() -> None:
    """Import ``mmpose.apis`` and ``mmdet.apis`` with what they need.

    Raises:
        InputError: One of the two packages is missing or cannot be imported.
    """
    for name in ("mmcv", "mmpose", "mmdet"):
        if find_spec(name) is None:
            raise InputError(
                f"backend mmpose: the package {name!r} is not installed; install it with"
                f" `{INSTALL}`, or use --backend rtmlib"
            )
    if find_spec(OPERATORS) is None:
        sys.modules[OPERATORS] = _operators()
    for message in _NOISE:
        warnings.filterwarnings("ignore", message)
    try:
        with _without_torchvision():
            import_module("mmdet.apis")
            import_module("mmpose.apis")
    except ImportError as error:
        raise InputError(
            f"backend mmpose: MMPose cannot be imported ({error}); run `mmalign doctor`, or use"
            " --backend rtmlib"
        ) from error


def nms(bboxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """Greedy non-maximum suppression, as ``mmcv._ext.nms``.

    Args:
        bboxes: ``(N, 4)`` x1, y1, x2, y2.
        scores: ``(N,)``.
        iou_threshold: A box is dropped that overlaps a better one by more than this.
        offset: 1 where the right and lower edges belong to the box (pixel indices), else 0.

    Returns:
        ``(M,)`` int64: the kept boxes, best first.
    """
    order = scores.argsort(descending=True, stable=True)
    boxes = bboxes[order]
    area = (boxes[:, 2:] - boxes[:, :2] + offset).prod(dim=1)
    alive = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    kept = []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        kept.append(i)
        low = torch.maximum(boxes[i, :2], boxes[i + 1 :, :2])
        high = torch.minimum(boxes[i, 2:], boxes[i + 1 :, 2:])
        common = (high - low + offset).clamp(min=0).prod(dim=1)
        # As mmcv writes it: no division, hence no NaN for two boxes without area.
        alive[i + 1 :] &= common <= iou_threshold * (area[i] + area[i + 1 :] - common)
    return order[torch.tensor(kept, dtype=torch.long, device=order.device)]


class _Operators(ModuleType):
    """Stands for the compiled operators: each one that is not written here raises when called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*args: Any, **kwargs: Any) -> Any:
            raise InputError(
                f"mmcv's operator {name!r} is not built here, and this model needs it: build mmcv"
                " with operators (docs/install.md, `The full mmcv`), or choose another model, such"
                " as rtmpose-m"
            )

        return missing


def _operators() -> ModuleType:
    module = _Operators(OPERATORS)
    module.__spec__ = ModuleSpec(OPERATORS, loader=None)
    module.nms = nms  # type: ignore[attr-defined]
    return module


@contextmanager
def _without_torchvision() -> Iterator[None]:
    """Let ``from torchvision.transforms import ToPILImage`` succeed, where there is none."""
    if find_spec("torchvision") is not None:
        yield
        return
    package, transforms = ModuleType("torchvision"), ModuleType("torchvision.transforms")
    transforms.ToPILImage = None  # type: ignore[attr-defined]
    sys.modules |= {"torchvision": package, "torchvision.transforms": transforms}
    try:
        yield
    finally:
        # MMEngine reports the torchvision that it can import.
        del sys.modules["torchvision"], sys.modules["torchvision.transforms"]
