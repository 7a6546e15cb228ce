"""RTMPose and detectors as ONNX files, by rtmlib's steps before and after the network.

No MMPose, no mmcv, no torch: ONNX Runtime computes. rtmlib's own classes take one image at a time,
choose the number of threads themselves and drop the detector's scores; so its steps are used round
sessions of this module's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.extraction.backends.onnx_session import find_onnx, open_session, output_shapes
from mmalign.skeletons.joint_sets import joint_set

LEAST_DETECTION = 0.05
OVERLAP_THRESHOLD = 0.3
INSTALL = "pip install -e '.[pose]'"


class RTMLibBackend:
    """RTMPose networks in ONNX files (see :class:`.PoseBackend`).

    Args:
        model: An ONNX file as MMDeploy or ``tools/pose/export_onnx.py`` writes it: crops in,
            ``simcc_x`` and ``simcc_y`` out. Or one of rtmlib's sizes of RTMPose for bodies,
            ``lightweight``, ``balanced`` (the default) and ``performance``, which are downloaded.
        checkpoint: Not used: an ONNX file holds its weights.
        detector: An ONNX file of RTMDet, or of YOLOX (if its name says so), with the boxes and
            their scores ``(N, D, 5)`` as first output (of classes ``(N, D)``, if that is the
            second, the first one counts); or one of the sizes, downloaded; None for
            none.
        detector_checkpoint: Not used.
        skeleton: Skeleton that is wanted of a network for the whole body.
        device: ``cpu``, ``cuda`` or ``cuda:N``; the latter two need onnxruntime-gpu.
        batch_size: Crops, or frames, per batch.
        threads: Threads on the CPU; None for ONNX Runtime's choice.

    Raises:
        InputError: If rtmlib is not installed, or a file cannot be used.
    """

    one_stage = False

    def __init__(
        self,
        model: str | None = None,
        checkpoint: str | None = None,
        detector: str | None = None,
        detector_checkpoint: str | None = None,
        skeleton: str | None = None,
        device: str = "cpu",
        batch_size: int = 16,
        threads: int | None = None,
    ) -> None:
        try:
            from rtmlib import YOLOX, RTMDet, RTMPose
        except ImportError as error:
            raise InputError(
                f"backend rtmlib: cannot be imported ({error}); install it with `{INSTALL}`"
            ) from error
        for option, value in (
            ("--checkpoint", checkpoint),
            ("--detector-checkpoint", detector_checkpoint),
        ):
            if value is not None:
                raise InputError(
                    f"{option} {value}: an ONNX file holds its weights; name it with --model or"
                    " --detector, and leave this option out"
                )
        self.batch_size = batch_size
        path = find_onnx("pose", model or "balanced")
        session = open_session(path, device, threads)
        shapes = output_shapes(session, path)
        if [len(shape) for shape in shapes] != [3, 3]:
            raise InputError(
                f"--model {path}: gives arrays of shapes {shapes}, expected simcc_x and simcc_y of"
                " an RTMPose network; name such a file, or use --backend mmpose"
            )
        self.pose = _tool(RTMPose, session, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
        self.joints = joint_set(None, shapes[0][1], skeleton, f"--model {path}")
        self.skeleton = self.joints.skeleton
        self.detector: Any = None
        self.has_detector = detector is not None
        if detector is not None:
            path = find_onnx("det", detector)
            session = open_session(path, device, threads)
            shape = output_shapes(session, path)[0]
            if len(shape) != 3 or shape[2] != 5:
                raise InputError(
                    f"--detector {path}: its first output is {shape}, expected (N, D, 5): boxes and"
                    " scores; export it with tools/pose/export_onnx.py or MMDeploy"
                )
            if "yolox" in path.name.lower():
                self.detector = _tool(YOLOX, session, None, None)
            else:
                mean, std = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
                self.detector = _tool(RTMDet, session, mean, std)

    def detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find people: ``(D, 5)`` x1, y1, x2, y2, score per frame, the best first."""
        from rtmlib.tools.object_detection.post_processings import nms

        images, ratios = zip(*map(self.detector.preprocess, frames), strict=True)
        rows, *more = self._run(self.detector.session, images)
        # MMDeploy gives the classes as second output; people are the first of COCO's.
        classes = more[0] if more and more[0].shape == rows.shape[:2] else np.zeros(rows.shape[:2])
        found = []
        for frame, row, kind, ratio in zip(frames, rows, classes, ratios, strict=True):
            row = row[(row[:, 4] > LEAST_DETECTION) & (kind == 0)]
            height, width = frame.shape[:2]
            row[:, :4] = (row[:, :4] / ratio).clip(0, [width, height, width, height])
            found.append(row[nms(row[:, :4], row[:, 4], OVERLAP_THRESHOLD)])
        return found

    def estimate(
        self, frames: Sequence[np.ndarray], boxes: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Find joints: ``(D, K, 3)`` x, y, score per frame."""
        ends = np.cumsum([len(frame_boxes) for frame_boxes in boxes])
        if ends[-1] == 0:
            return [np.zeros((0, self.joints.num_joints, 3), dtype=np.float32) for _ in frames]
        # rtmlib leaves the channels as they come; the networks were trained on RGB.
        crops, centers, scales = zip(
            *(
                self.pose.preprocess(frame[..., ::-1], box[:4])
                for frame, frame_boxes in zip(frames, boxes, strict=True)
                for box in frame_boxes
            ),
            strict=True,
        )
        simcc = self._run(self.pose.session, crops)
        keypoints, scores = self.pose.postprocess(
            simcc,
            np.stack(centers)[:, None],
            np.stack(scales)[:, None],
            simcc_split_ratio=simcc[0].shape[-1] / self.pose.model_input_size[0],
        )
        joints = np.concatenate([keypoints, scores[..., None].clip(0, 1)], axis=-1)
        return np.split(joints[:, self.joints.indices].astype(np.float32), ends[:-1])

    def _run(self, session: Any, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Outputs of a network for images ``(h, w, 3)``, a batch at a time."""
        entry = session.get_inputs()[0]
        size = entry.shape[0] if isinstance(entry.shape[0], int) else self.batch_size
        outputs = []
        for start in range(0, len(images), size):
            batch = np.stack(images[start : start + size]).transpose(0, 3, 1, 2)
            outputs.append(session.run(None, {entry.name: np.ascontiguousarray(batch, np.float32)}))
        return [np.concatenate(parts) for parts in zip(*outputs, strict=True)]


def _tool(kind: Any, session: Any, mean: Any, std: Any) -> Any:
    """One of rtmlib's networks round a session, with the steps before and after it.

    Its initialiser would open a session of its own, with every core's thread.
    """
    tool = kind.__new__(kind)
    height, width = session.get_inputs()[0].shape[2:]
    tool.session, tool.mean, tool.std = session, mean, std
    # Detectors are told height and width, the others width and height.
    tool.model_input_size = (width, height) if kind.__name__ == "RTMPose" else (height, width)
    return tool
