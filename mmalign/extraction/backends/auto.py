"""Which pose estimator to take where none is named: the best one that works here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from mmalign.errors import InputError
from mmalign.extraction.backends.blaze.weights import find_weights, get_weights
from mmalign.extraction.backends.published_onnx import SIZES, find_onnx, published_onnx

MMPOSE_WEIGHTS = {
    "rtmpose-m": "rtmpose-m_simcc-body7_pt-body7_420e-256x192-e48f03d0_20230504.pth",
    "rtmdet-m": "rtmdet_m_8xb32-300e_coco_20220719_112220-229f527c.pth",
}
"""Files that the indices of MMPose and MMDetection name for what is taken of them."""
_BLAZE = ("mediapipe33", "hand21", "hands42")
_SIZES = (("pose", "balanced"), ("det", "lightweight"))
_BODY = ("pose_detection", "pose_landmark_full")


@dataclass(frozen=True)
class Taken:
    """An estimator, with its networks.

    Attributes:
        backend: A name of :data:`.BACKENDS`.
        why: Why this one.
        model: As :func:`.build_backend` takes it, likewise the next.
        detector: The person detector.
        skeleton: Skeleton to bring the poses into; None for the network's.
    """

    backend: str
    why: str
    model: str | None = None
    detector: str | None = None
    skeleton: str | None = None

    def __str__(self) -> str:
        return f"--backend auto takes {self.backend} ({self.why})"


def choose_backend(
    model: str | None = None,
    checkpoint: str | None = None,
    detector: str | None = None,
    detector_checkpoint: str | None = None,
    skeleton: str | None = None,
    device: str = "cpu",
) -> Taken:
    """Choose an estimator for options of :func:`.build_backend`.

    Where options name a network, whoever has it: rtmlib has ONNX files and its sizes, MMPose all
    others. Otherwise MMPose where its weights are, RTMPose by rtmlib where its weights are or can
    be fetched, BlazePose, and MMPose if it has to fetch its weights. The poses have the joints of
    ``coco17`` then, whoever it is, unless ``skeleton`` wants others.

    Raises:
        InputError: None can be used; the message says what each one lacks.
    """
    options = {
        "--model": model,
        "--checkpoint": checkpoint,
        "--detector": detector,
        "--detector-checkpoint": detector_checkpoint,
    }
    named = {option: value for option, value in options.items() if value is not None}
    for option, value in named.items():
        if value in SIZES or value.endswith(".onnx"):
            return Taken("rtmlib", f"{option} {value}", model, detector, skeleton)
    if named:
        why = " ".join(next(iter(named.items())))
        return Taken("mmpose", why, model, detector, skeleton)
    if skeleton in _BLAZE:
        return Taken("blazepose", f"--skeleton {skeleton}", skeleton=skeleton)
    lacks: list[str] = []
    for name, look in {"mmpose": _mmpose, "rtmlib": _rtmlib, "blazepose": _blazepose}.items():
        found = look(skeleton, device)
        if isinstance(found, Taken):
            return replace(found, why="; ".join([found.why, *lacks]))
        lacks.append(f"{name}: {found}")
    if _installed("mmpose", "mmdet"):
        why = "; ".join(["weights will be fetched", *lacks[1:]])
        return Taken("mmpose", why, skeleton=skeleton)
    raise InputError(
        f"--backend auto: no pose estimator can be used ({'; '.join(lacks)}); install the smallest"
        " one with `pip install -e '.[video]'`"
    )


def foresee_backend() -> str:
    """What :func:`choose_backend` takes here without options, in words; nothing is fetched."""
    found = _mmpose(None, "cpu")
    if isinstance(found, Taken):
        return str(found)
    maybe: list[str] = []
    for name, installed, here in (
        ("rtmlib", _installed("rtmlib", "onnxruntime"), _rtmlib_is_here),
        ("blazepose", _installed("ai_edge_litert"), _blazepose_is_here),
    ):
        if installed and here():
            return f"--backend auto takes {', else '.join([*maybe, name])}"
        if installed:
            maybe.append(f"{name} if its weights can be fetched")
    if _installed("mmpose", "mmdet"):
        maybe.append("mmpose, whose weights must be fetched")
    if not maybe:
        return "--backend auto finds no pose estimator; install one: pip install -e '.[video]'"
    return f"--backend auto takes {', else '.join(maybe)}"


def _installed(*packages: str) -> bool:
    return all(find_spec(package) is not None for package in packages)


def _mmpose(skeleton: str | None, device: str) -> Taken | str:
    if not _installed("mmpose", "mmdet"):
        return "not installed"
    import torch

    folder = Path(torch.hub.get_dir(), "checkpoints")
    here = [name for name, file in MMPOSE_WEIGHTS.items() if (folder / file).is_file()]
    if "rtmpose-m" not in here:
        return f"no weights of rtmpose-m in {folder}"
    detector = "rtmdet-m" if "rtmdet-m" in here else None
    return Taken("mmpose", f"weights of {' and '.join(here)}", None, detector, skeleton)


def _rtmlib(skeleton: str | None, device: str) -> Taken | str:
    if not _installed("rtmlib", "onnxruntime"):
        return "not installed"
    try:
        folder = [published_onnx(part, size).parent for part, size in _SIZES][-1]
    except (InputError, ImportError) as error:
        return str(error)
    (_, model), (_, detector) = _SIZES
    return Taken("rtmlib", f"weights of RTMPose in {folder}", model, detector, skeleton)


def _rtmlib_is_here() -> bool:
    try:
        return all(find_onnx(part, size) is not None for part, size in _SIZES)
    except ImportError:
        return False


def _blazepose(skeleton: str | None, device: str) -> Taken | str:
    if device != "cpu":
        return f"not on {device}"
    if not _installed("ai_edge_litert"):
        return "not installed"
    try:
        for name in _BODY:
            get_weights(name)
    except InputError as error:
        return str(error)
    return Taken("blazepose", "weights of MediaPipe", skeleton=skeleton or "coco17")


def _blazepose_is_here() -> bool:
    return all(find_weights(name) is not None for name in _BODY)
