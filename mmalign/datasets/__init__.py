"""Data sets of pose sequences."""

from mmalign.datasets.evaluation_dataset import EvaluationDataset
from mmalign.datasets.mmaction_dataset import MMActionPoseDataset
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.datasets.same_action_sampler import SameActionBatchSampler
from mmalign.datasets.sampler import ActionGroupSampler
from mmalign.datasets.toy_dataset import ToyPoseDataset

__all__ = [
    "ActionGroupSampler",
    "EvaluationDataset",
    "MMActionPoseDataset",
    "PoseSequenceDataset",
    "SameActionBatchSampler",
    "ToyPoseDataset",
]
