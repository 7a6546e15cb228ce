"""ONNX files: found, opened, looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.extraction.backends.published_onnx import SIZES, published_onnx


def find_onnx(part: str, model: str) -> Path:
    """Find an ONNX file.

    Args:
        part: ``pose`` or ``det``.
        model: A path, or one of rtmlib's sizes, which is downloaded once.

    Raises:
        InputError: There is none, or it cannot be downloaded.
    """
    option = "--model" if part == "pose" else "--detector"
    if model in SIZES:
        return published_onnx(part, model)
    if not Path(model).is_file():
        raise InputError(
            f"{option} {model}: no such ONNX file, nor one of {', '.join(SIZES)}; correct it"
        )
    return Path(model)


def open_session(path: Path, device: str, threads: int | None) -> Any:
    """Open an ONNX file with ONNX Runtime.

    Args:
        path: The file.
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        threads: Threads on the CPU; None for ONNX Runtime's choice.

    Raises:
        InputError: It is no network, or the device is not to be had.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # Errors, which are raised, too.
    if threads is not None:
        options.intra_op_num_threads = threads
    provider: Any = "CPUExecutionProvider"
    if device.startswith("cuda"):
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise InputError(
                f"--device {device}: this ONNX Runtime has no CUDA; install onnxruntime-gpu in its"
                " place, or use --device cpu"
            )
        provider = ("CUDAExecutionProvider", {"device_id": int(device.partition(":")[2] or 0)})
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[provider])
    except Exception as error:  # ONNX Runtime's own classes, which share no base.
        raise InputError(
            f"{path}: not a usable ONNX file ({error}); export or copy it again"
        ) from error


def output_shapes(session: Any, path: Path) -> list[tuple[int, ...]]:
    """Shapes of what a network gives for one empty image; the file itself may leave them open.

    Raises:
        InputError: It does not take images of one size.
    """
    entry = session.get_inputs()[0]
    if len(entry.shape) != 4 or not all(isinstance(side, int) for side in entry.shape[2:]):
        raise InputError(
            f"{path}: takes {entry.shape}, expected images (N, 3, h, w) of one size; export it"
            " with tools/pose/export_onnx.py or MMDeploy"
        )
    image = np.zeros((1, 3, *entry.shape[2:]), dtype=np.float32)
    return [output.shape for output in session.run(None, {entry.name: image})]
