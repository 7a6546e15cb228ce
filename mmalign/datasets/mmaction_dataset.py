"""A data set read straight from one of MMAction2's skeleton pickles."""

from __future__ import annotations

from typing import Any

from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.formats.mmaction_pickle import MMActionAnnotation, read_mmaction_pickle
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import SequenceEntry
from mmalign.registry import DATASETS


@DATASETS.register_module()
class MMActionPoseDataset(PoseSequenceDataset):
    """Sequences of an MMAction2 ``PoseDataset`` pickle; the label serves as the action.

    The format has no phases: sequences are for training and inference, not for scoring.

    Args:
        ann_file: The pickle.
        skeleton: Name of its skeleton, which it does not state.
        subset: The split to take by the file's name for it, such as ``xsub_train``; None for the
            one called like ``split``, or for everything if the file has no splits.
        fps: Frame rate of videos that do not state one.
        **kwargs: See :class:`PoseSequenceDataset`. ``split='all'`` takes every video.

    Raises:
        InputError: If the file cannot be used or has no such split.
    """

    def __init__(
        self,
        ann_file: str,
        skeleton: str = "coco17",
        subset: str | None = None,
        fps: float = 30.0,
        **kwargs: Any,
    ) -> None:
        self.subset = subset
        self.fps = fps
        self._annotations: list[MMActionAnnotation] = []
        super().__init__(data_root=ann_file, skeleton=skeleton, **kwargs)

    def load_sequences(self) -> list[SequenceEntry]:
        """List the videos of the chosen split."""
        annotations = read_mmaction_pickle(self.data_root)
        names = sorted({split for a in annotations for split in a.splits})
        subset = self.subset or self.split
        if names and (self.split != "all" or self.subset):
            if subset not in names:
                raise InputError(
                    f"{self.data_root}: no split {subset!r}, expected one of {', '.join(names)}; "
                    "set subset to one of them"
                )
            annotations = [a for a in annotations if subset in a.splits]
        elif self.subset:
            raise InputError(f"{self.data_root}: it has no splits; leave subset={subset!r} out")
        self._annotations = annotations
        self._metainfo.update(skeleton=self.skeleton, source=self.data_root, phases={})
        return [self._entry(annotation) for annotation in annotations]

    def _entry(self, annotation: MMActionAnnotation) -> SequenceEntry:
        # A video that cannot be used is listed too, as long enough: reading it tells why not.
        try:
            sequence = annotation.to_sequence(str(self.skeleton), self.fps)
            frames, fps = sequence.num_frames, sequence.fps
        except InputError:
            frames, fps = self.min_frames, self.fps
        held_out = any(name.endswith(("val", "test")) for name in annotation.splits)
        split = ("val" if held_out else "train") if self.split == "all" else self.split
        return SequenceEntry(
            id=annotation.id,
            file="",
            split=split,
            action=annotation.action,
            num_frames=frames,
            fps=fps,
            labelled=False,
            source=annotation.id,
        )

    def _read(self, position: int) -> PoseSequence:
        return self._annotations[position].to_sequence(str(self.skeleton), self.fps)
