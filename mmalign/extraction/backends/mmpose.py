"""MMPose as a pose estimator, with MMDetection's detectors; frames and crops in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from mmalign.compat.mmpose import import_mmpose
from mmalign.errors import InputError
from mmalign.extraction.backends.mmpose_models import (
    OpenMMLabModel,
    class_to_detect,
    load_model,
)
from mmalign.skeletons.joint_sets import JointSet, joint_set

LEAST_DETECTION = 0.05
"""Detections below this score are not worth handing on."""
LEAST_PERSON = 0.3
"""People of a one-stage network below this score are none; ``MMPoseInferencer``'s default."""
OVERLAP_THRESHOLD = 0.3
"""Of two detections that overlap by more, the lower one is dropped; as ``MMPoseInferencer``."""


class MMPoseBackend:
    """Top-down and one-stage networks of MMPose (see :class:`.PoseBackend`).

    On the same boxes it gives what ``mmpose.apis.inference_topdown`` gives frame by frame; crops of
    several frames go through the network at once.

    Args:
        model: Name or alias of MMPose's index (``rtmpose-m``, ``rtmo-s``, ``hand``, ...), or a
            config file.
        checkpoint: Its weights; those of the index by default.
        detector: Name of MMDetection's index, one of MMPose's defaults (``human``, ``hand``), or a
            config file; None for none.
        detector_checkpoint: Its weights; those of the index by default.
        skeleton: Skeleton that is wanted of a network for the whole body.
        device: Where to compute.
        batch_size: Crops, or frames, per batch.
        threads: Threads on the CPU; None leaves torch's number.

    Raises:
        InputError: If MMPose is not installed, or a network cannot be built of the arguments.
    """

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
        import_mmpose()
        if threads is not None:
            torch.set_num_threads(threads)
        model = model or "rtmpose-m"
        self.batch_size = batch_size
        self.pose = load_model("mmpose", model, checkpoint, device)
        self.meta = self.pose.meta or _meta_of_config(self.pose)
        if not {"dataset_name", "num_keypoints"} <= set(self.meta):
            raise InputError(
                f"--model {model}: neither its weights nor its config say which joints it has"
                " (dataset_name, num_keypoints); use a config and weights as MMPose's own"
            )
        self.joints: JointSet = joint_set(
            self.meta["dataset_name"], self.meta["num_keypoints"], skeleton, f"--model {model}"
        )
        self.skeleton = self.joints.skeleton
        kind = self.pose.config.model.type
        self.one_stage = kind == "BottomupPoseEstimator"
        if not self.one_stage and kind != "TopdownPoseEstimator":
            raise InputError(
                f"--model {model}: a {kind}, expected a 2D network that works top-down or in one"
                " stage; choose another, such as rtmpose-m"
            )
        self._pose_pipeline = _compose(self.pose.config, "mmpose")
        self.detector: OpenMMLabModel | None = None
        self.has_detector = detector is not None
        if detector is not None:
            self.detector = load_model("mmdet", detector, detector_checkpoint, device)
            self.person = class_to_detect(self.detector, detector)
            self._detector_pipeline = _compose(self.detector.config, "mmdet")

    def detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find people: ``(D, 5)`` x1, y1, x2, y2, score per frame, the best first."""
        from mmpose.evaluation.functional import nms

        assert self.detector is not None
        samples = [
            self._detector_pipeline({"img": frame, "img_id": i}) for i, frame in enumerate(frames)
        ]
        found = []
        for prediction in self._run(self.detector, samples):
            keep = (prediction.labels == self.person) & (prediction.scores > LEAST_DETECTION)
            boxes = torch.cat([prediction.bboxes, prediction.scores[:, None]], dim=1)[keep]
            rows = boxes.cpu().numpy().astype(np.float32)
            found.append(rows[nms(rows, OVERLAP_THRESHOLD)])
        return found

    def estimate(
        self, frames: Sequence[np.ndarray], boxes: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Find joints: ``(D, K, 3)`` x, y, score per frame."""
        if self.one_stage:
            samples = [self._pose_pipeline({"img": frame, **self.meta}) for frame in frames]
            people = self._run(self.pose, samples)
            return [self._joints(p)[p.bbox_scores > LEAST_PERSON] for p in people]
        samples = [
            self._pose_pipeline(
                {
                    "img": frame,
                    "bbox": box[None, :4].astype(np.float32),
                    "bbox_score": np.ones(1, dtype=np.float32),
                    **self.meta,
                }
            )
            for frame, frame_boxes in zip(frames, boxes, strict=True)
            for box in frame_boxes
        ]
        joints = [self._joints(person) for person in self._run(self.pose, samples)]
        joints.append(np.zeros((0, self.joints.num_joints, 3), dtype=np.float32))
        ends = np.cumsum([len(frame_boxes) for frame_boxes in boxes])
        return np.split(np.concatenate(joints), ends[:-1])

    def _run(self, model: OpenMMLabModel, samples: list[dict[str, Any]]) -> list[Any]:
        """The predicted instances of every sample, a batch at a time."""
        predictions = []
        with torch.inference_mode():
            for start in range(0, len(samples), self.batch_size):
                batch = pseudo_collate(samples[start : start + self.batch_size])
                predictions += [s.pred_instances for s in model.network.test_step(batch)]
        return predictions

    def _joints(self, people: Any) -> np.ndarray:
        """``(D, K, 3)`` of instances as MMPose gives them."""
        scores = people.keypoint_scores[..., None].clip(0, 1)
        joints = np.concatenate([people.keypoints[..., :2], scores], axis=-1)
        return joints[:, self.joints.indices].astype(np.float32)


def _compose(config: Any, scope: str) -> Compose:
    """The steps of the config's test data, on an image that is already in memory."""
    steps = list(config.test_dataloader.dataset.pipeline)
    if scope == "mmdet":
        steps = [{"type": "mmdet.LoadImageFromNDArray"}, *steps[1:]]
        # What reads or packs annotations finds none here.
        steps = [step for step in steps if step["type"] != "LoadAnnotations"]
    with DefaultScope.overwrite_default_scope(scope):
        return Compose(steps)


def _meta_of_config(pose: OpenMMLabModel) -> dict[str, Any]:
    """What the config says of its joints, where the weights say nothing."""
    from mmpose.apis.inference import dataset_meta_from_config

    with DefaultScope.overwrite_default_scope("mmpose"):
        return dataset_meta_from_config(pose.config, "train") or {}
