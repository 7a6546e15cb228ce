"""The toy data as a data set for training, generated in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.errors import InputError, check_at_least
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import SequenceEntry
from mmalign.poses.skeleton_conversion import convert_skeleton
from mmalign.registry import DATASETS
from mmalign.toy.activities import get_activity
from mmalign.toy.generator import generate_dataset
from mmalign.toy.render import render_frames
from mmalign.toy.sequence import ToySequence
from mmalign.toy.tempo import LENGTH
from mmalign.toy.writer import SOURCE, toy_entry


@DATASETS.register_module()
class ToyPoseDataset(PoseSequenceDataset):
    """Toy sequences, generated at first use; see :class:`PoseSequenceDataset` for samples.

    Args:
        activity: Name of a toy activity, or several of one skeleton; it takes the place of
            ``action``.
        num_sequences: Number of sequences of a split and an activity.
        num_performers: Number of performers who take turns; one for every two sequences if None.
        data_seed: Seed of the sequences. ``seed`` is that of the transforms, as everywhere, so that
            runs of several seeds train on the same data.
        length: Smallest and largest number of frames.
        noise: Factor on detection noise and drop-outs.
        convert_to: Skeleton whose joints are taken, by their names; that of the activity if None.
        render: Longer side in pixels of frames to draw of every sequence, which are kept in memory
            (90 frames of side 64 are 0.8 MB) as ``video``; None to draw nothing.
        **options: Arguments of :class:`PoseSequenceDataset`; ``split='all'`` gives as many
            sequences of either split.

    Raises:
        InputError: An argument cannot be used.
    """

    METAINFO = {"dataset_type": "toy_poses"}

    def __init__(
        self,
        activity: str | Sequence[str] = "lift",
        num_sequences: int = 48,
        num_performers: int | None = None,
        data_seed: int = 0,
        length: tuple[int, int] = LENGTH,
        noise: float = 1.0,
        convert_to: str | None = None,
        render: int | None = None,
        **options: Any,
    ) -> None:
        if render is not None and render < 1:
            raise InputError(f"render is {render}, expected a side of at least 1 pixel")
        check_at_least("num_sequences", num_sequences, 1)
        names = [activity] if isinstance(activity, str) else activity
        self.activities = [get_activity(name) for name in names]
        self.num_sequences = num_sequences
        self.num_performers = num_performers
        self.data_seed = data_seed
        self.length = (length[0], length[1])
        self.noise = noise
        self.convert_to = convert_to
        self.render = render
        self._rendered: list[np.ndarray] = []
        self.sequences: list[ToySequence] = []
        super().__init__(**options)

    def load_sequences(self) -> list[SequenceEntry]:
        """Generate the sequences of the split."""
        found = {activity.figure.skeleton for activity in self.activities}
        if len(found) != 1:
            raise InputError(
                f"activity: found the skeletons {', '.join(sorted(found)) or 'of none'}, expected"
                " one or more activities of one skeleton"
            )
        skeleton = self.convert_to or found.pop()
        if self.skeleton not in (None, skeleton):
            raise InputError(
                f"skeleton: the toy activity {self.activities[0].name!r} has {skeleton!r}, the"
                f" configuration expects {self.skeleton!r}; set skeleton={skeleton!r} there"
            )
        self.skeleton = skeleton
        self._metainfo.update(
            skeleton=skeleton,
            source=SOURCE,
            phases={activity.name: list(activity.phases) for activity in self.activities},
        )
        entries: list[SequenceEntry] = []
        splits = ("train", "val") if self.split == "all" else (self.split,)
        splits = splits if self.holdout is None else ("train",)
        for activity, split in product(self.activities, splits):
            made = generate_dataset(
                activity,
                self.num_sequences,
                split,
                self.data_seed,
                num_performers=self.num_performers,
                length=self.length,
                noise=self.noise,
            )
            self.sequences.extend(made)
            entries.extend(toy_entry(sequence, i) for i, sequence in enumerate(made))
            if self.render is not None:
                self._rendered.extend(render_frames(sequence, self.render) for sequence in made)
        return entries

    def _read(self, position: int) -> PoseSequence:
        """The generated sequence at a position, with its 3D joints, which have no noise."""
        made = self.sequences[position]
        points = np.where(made.scores[..., None] > 0, made.joints, 0).astype(np.float32)
        sequence = replace(made, keypoints3d=points)
        if self.convert_to is None:
            return sequence
        return convert_skeleton(sequence, self.convert_to, self._entries[position].id)

    def _frame_sources(self, position: int) -> dict[str, Any]:
        """The drawn frames as the video."""
        return {"video": self._rendered[position]} if self.render is not None else {}
