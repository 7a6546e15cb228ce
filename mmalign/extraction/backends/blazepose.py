"""MediaPipe's BlazePose and its hands, by LiteRT: no OpenMMLab, no GPU, weights from a wheel.

Bazarevsky et al., BlazePose (2020); Zhang et al., MediaPipe Hands (2020). MediaPipe follows a
person from frame to frame and then needs the detector only where it loses him; here every frame is
worked on alone, so that the result depends neither on frames before nor on who was found first.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mmalign.errors import InputError
from mmalign.extraction.backends.blaze.detections import anchors, average_overlapping, decode
from mmalign.extraction.backends.blaze.interpreter import Network, import_litert
from mmalign.extraction.backends.blaze.landmarks import distinct, refine
from mmalign.extraction.backends.blaze.networks import BODY, HAND
from mmalign.extraction.backends.blaze.regions import cut_out, to_picture, views
from mmalign.extraction.backends.blaze.weights import get_weights
from mmalign.skeletons import get_skeleton

Floats = NDArray[np.float32]

LEAST_DETECTION = 0.05
LEAST_PRESENCE = 0.5
"""Below it the landmark network has found nobody in its crop; MediaPipe's threshold."""
OVERLAP_THRESHOLD = 0.3
SAME_PERSON = 0.5
"""Poses whose boxes overlap by more are of one person."""


class BlazePoseBackend:
    """MediaPipe's networks for bodies or hands (see :class:`.PoseBackend`).

    The detector's boxes are turned squares: its rows have two columns more, a vector that points up
    in the box. Joints outside the picture are guessed; a joint of a body scores its visibility, one
    of a hand the hand's presence, as MediaPipe has none of its own.

    Args:
        model: Not used: it has networks of its own.
        checkpoint: Not used.
        detector: Not used.
        detector_checkpoint: Not used.
        skeleton: Skeleton that is wanted: ``hand21`` or ``hands42`` for the networks of hands.
        device: ``cpu``.
        batch_size: Not used: a batch is no faster.
        threads: Threads; None for LiteRT's choice.

    Raises:
        InputError: If LiteRT is not installed or the weights cannot be had.
    """

    one_stage = False
    has_detector = True

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
        for option, value in (
            ("--model", model),
            ("--checkpoint", checkpoint),
            ("--detector", detector),
            ("--detector-checkpoint", detector_checkpoint),
        ):
            if value is not None:
                raise InputError(
                    f"{option} {value}: backend blazepose has networks of its own; leave the option"
                    " out, or choose --backend rtmlib or mmpose"
                )
        if device != "cpu":
            raise InputError(
                f"--device {device}: backend blazepose computes on the CPU; use --device cpu, or"
                " --backend rtmlib or mmpose"
            )
        import_litert()  # Before its networks are fetched in vain.
        self.pair = HAND if skeleton in ("hand21", "hands42") else BODY
        self.skeleton = self.pair.skeleton
        self._num_joints = get_skeleton(self.skeleton).num_joints
        self._detector = Network(get_weights(self.pair.detector), threads)
        self._landmarks = Network(get_weights(self.pair.landmarks), threads)
        self._anchors = anchors(self._detector.size, self.pair.strides)

    def detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find people: ``(D, 7)`` x1, y1, x2, y2, score, and the vector up, the best first."""
        return [self._detect(frame) for frame in frames]

    def estimate(
        self, frames: Sequence[np.ndarray], boxes: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Find joints: ``(D, K, 3)`` x, y, score per frame, of boxes ``(D, 6)`` with somebody."""
        return [self._estimate(*both) for both in zip(frames, boxes, strict=True)]

    def _detect(self, frame: np.ndarray) -> np.ndarray:
        points, scores = [], []
        for view in views(*frame.shape[:2]):
            crop = cut_out(frame, view, self._detector.size, cv2.BORDER_CONSTANT)
            black = self.pair.black
            raw, logits = self._detector(black + np.float32(1 - black) * crop)
            found = expit(logits[:, 0])
            there = found > LEAST_DETECTION
            places = decode(raw[there], self._anchors[there], self._detector.size)
            points.append(to_picture(places, view))
            scores.append(found[there])
        averaged, score = average_overlapping(
            np.concatenate(points), np.concatenate(scores), OVERLAP_THRESHOLD
        )
        return np.insert(self.pair.regions(averaged), 4, score, axis=1)

    def _estimate(self, frame: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        found = [np.zeros((0, self._num_joints, 3), np.float32)]
        for box in boxes:
            crop = cut_out(frame, box, self._landmarks.size, cv2.BORDER_REPLICATE)
            outputs = self._landmarks(crop)
            if outputs[1][0] >= LEAST_PRESENCE:
                found.append(self._joints(outputs, box)[None])
        people = np.concatenate(found)
        return people[distinct(people, SAME_PERSON)]

    def _joints(self, outputs: list[Floats], box: Floats) -> Floats:
        """``(K, 3)`` of the landmark network's outputs for a crop."""
        rows = outputs[0].reshape(-1, self.pair.values)
        places = rows[:, :2] / np.float32(self._landmarks.size)
        if self.pair.heatmaps is None:
            scores = np.full(len(rows), outputs[1][0], np.float32)
        else:
            places = refine(places, outputs[self.pair.heatmaps])
            scores = expit(rows[:, 3])
        joints = np.concatenate([to_picture(places, box), scores[:, None]], axis=1)
        return joints[: self._num_joints]
