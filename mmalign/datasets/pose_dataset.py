"""The data set every pipeline starts from: sequences of poses, whole or as trimmed windows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from mmalign.datasets.packed_list import PackedList
from mmalign.datasets.selection import hold_out, windows_of
from mmalign.errors import InputError, check_at_least
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import (
    INDEX_NAME,
    SOURCES,
    SPLITS,
    SequenceEntry,
    fill_pattern,
    read_index,
)
from mmalign.poses.processing import check_fps, resample_sequence, resampled_length
from mmalign.registry import DATASETS
from mmalign.structures import RawClip


@DATASETS.register_module()
class PoseSequenceDataset(BaseDataset):
    """Sequences of a prepared data set (see :mod:`mmalign.poses.pose_index`).

    A sample is a dict with the keys

    * ``keypoint`` ``(1, T, K, 2)`` float32 pixels and ``keypoint_score`` ``(1, T, K)`` float32,
      0 for absent joints;
    * ``keypoint_3d`` ``(1, T, K, 3)`` float32, where the sequence has 3D poses, for
      :class:`~mmalign.datasets.transforms.RandomCamera`;
    * ``frame_inds`` ``(T,)`` float64: the index of each frame in the whole sequence;
    * ``labels``: ``(T,)`` int64 phases, or None;
    * ``img_shape`` ``(h, w)``, ``fps``, ``skeleton`` (a name);
    * ``sample_id``, ``split``, ``action``, ``num_frames`` (of the whole sequence), ``protocol``
      (``whole`` or ``trimmed``) and ``window`` ``(a, e)``: the sample is frames a to e-1;
    * where they are known: ``video``, the path of a video or of a folder of images (or, in a
      subclass, the frames themselves, ``(N, H, W, 3)`` uint8), ``depth``, a folder of depth images,
      and ``video_start``, the number of the video's frame that is the poses' first, if not 0;
    * ``pose_clock``: number of frames and frames per second of the pose file, before resampling;
    * ``rng``: the only source of randomness of transforms, a generator seeded by ``seed``, the
      epoch and the sample's index, so that neither workers nor resuming change what is drawn.

    A subclass overrides :meth:`load_sequences` and :meth:`_read` to get sequences elsewhere.

    Args:
        data_root: Folder of the prepared data set.
        split: ``train``, ``val`` or ``all``.
        action: One action, several, or None for all.
        skeleton: Name of the skeleton the caller was made for; checked when given.
        labelled_only: Leave out sequences without phase labels.
        holdout: ``(k, n)`` to choose a recipe without touching the validation split: every n-th
            training sequence, from the k-th on, plays the validation split and the others the
            training split; the real validation split is left out.
        window: ``whole``, or ``trimmed`` for one random contiguous window per sequence, always the
            same one: the evaluation protocol's, drawn over the kept sequences of each action and
            split in annotation order.
        repeat: How many times the data set is gone through in an epoch; each time draws anew.
        seed: Seed of the samples' generators, at least 0.
        min_frames: Leave out shorter sequences.
        max_frames: Longer sequences are a random contiguous window of so many frames, drawn anew
            in each epoch: for training networks with learned positional encodings. None = whole.
        on_error: ``raise``, or ``skip`` to leave out sequences that cannot be used; what is left
            out is counted and logged once.
        cache: Keep sequences in memory. They are read when the data set is built, so that worker
            processes share them. Without it, or if they have more than ``cache_limit`` frames, they
            are read when used, and once ahead with ``on_error='skip'``.
        cache_limit: Largest number of frames that are kept; a million of 17 joints take 212 MB.
        resample_fps: Frame rate that every sequence is brought to before anything else (see
            :func:`~mmalign.poses.processing.resample_sequence`), or None to take sequences as
            they are. ``num_frames``, ``frame_inds``, labels and windows count the new frames.
        pipeline: Transforms.
        test_mode: Whether samples are to be embedded: they carry their
            :class:`~mmalign.structures.RawClip`, so that those of any length can be. See
            :class:`mmengine.dataset.BaseDataset` too.
        lazy_init: Build without reading anything; ``full_init`` reads.
        **sources: ``video``: where a sequence's video file or folder of images is, relative to
            ``data_root``, with ``{id}``, ``{source}``, ``{action}`` and ``{split}`` filled in, such
            as ``frames/{id}``; None for what the index says of each sequence, if anything.
            ``depth``, or another of the index's ``SOURCES``: the same of folders of its images.

    Raises:
        InputError: If an argument or the data cannot be used, or nothing is left.
    """

    METAINFO = {"dataset_type": "pose_sequences"}

    def __init__(
        self,
        data_root: str = "",
        split: str = "train",
        action: str | Sequence[str] | None = None,
        skeleton: str | None = None,
        labelled_only: bool = False,
        holdout: Sequence[int] | None = None,
        window: str = "whole",
        repeat: int = 1,
        seed: int = 0,
        min_frames: int = 1,
        max_frames: int | None = None,
        on_error: str = "raise",
        cache: bool = True,
        cache_limit: int = 1_000_000,
        resample_fps: float | None = None,
        pipeline: Sequence[Any] = (),
        test_mode: bool = False,
        lazy_init: bool = False,
        **sources: str | None,
    ) -> None:
        if unknown := sorted(set(sources) - set(SOURCES)):
            raise InputError(
                f"{type(self).__name__}: found the argument {unknown[0]!r}, which it does not have;"
                f" what names frames is {' or '.join(SOURCES)}; correct its name"
            )
        _check_choice("split", split, (*SPLITS, "all"))
        _check_choice("window", window, ("whole", "trimmed"))
        _check_choice("on_error", on_error, ("raise", "skip"))
        check_at_least("repeat", repeat, 1)
        check_at_least("seed", seed, 0)
        if max_frames is not None:
            check_at_least("max_frames", max_frames, 1)
        if holdout is not None and (len(holdout) != 2 or not 0 <= holdout[0] < holdout[1]):
            raise InputError(f"holdout is {holdout}, expected (k, n) with 0 <= k < n")
        self.split = split
        self.holdout = holdout
        self.actions = [action] if isinstance(action, str) else action and list(action)
        self.skeleton = skeleton
        self.labelled_only = labelled_only
        self.window = window
        self.repeat = repeat
        self.seed = seed
        self.min_frames, self.max_frames = min_frames, max_frames
        self.on_error = on_error
        check_fps(resample_fps)
        self.cache = cache
        self.cache_limit = cache_limit
        self.resample_fps = resample_fps
        self.sources = sources
        self._keeps = False
        self.skipped: dict[str, str] = {}
        self._entries: Sequence[SequenceEntry] = []
        self._cached: dict[int, PoseSequence] = {}
        # Shared memory: persistent workers see an epoch that is set after they were started.
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        super().__init__(
            data_root=data_root,
            pipeline=list(pipeline),
            test_mode=test_mode,
            lazy_init=lazy_init,
            max_refetch=0,
        )

    def load_sequences(self) -> list[SequenceEntry]:
        """List all sequences of the data set, in annotation order within action and split."""
        index = read_index(self.data_root)
        if self.skeleton not in (None, index.skeleton):
            raise InputError(
                f"{self.data_root}: its skeleton is {index.skeleton!r}, the configuration expects "
                f"{self.skeleton!r}; set skeleton={index.skeleton!r} there or use other data"
            )
        self.skeleton = index.skeleton
        self._metainfo.update(
            skeleton=index.skeleton,
            source=index.source,
            phases={action: facts.get("phases", []) for action, facts in index.actions.items()},
        )
        return index.sequences

    def _read(self, position: int) -> PoseSequence:
        """Read the sequence at a position of what :meth:`load_sequences` listed."""
        entry = self._entries[position]
        path = os.path.join(self.data_root, entry.file)
        sequence = read_pose_file(path)
        labelled = sequence.labels is not None
        found = (sequence.skeleton, sequence.num_frames, labelled, sequence.fps)
        expected = (self.skeleton, entry.num_frames, entry.labelled, float(entry.fps))
        if found != expected:
            raise InputError(
                f"{path}: skeleton, frames, labelled, fps are {found}, its {INDEX_NAME} says "
                f"{expected}; prepare the data again"
            )
        return sequence

    def _frame_sources(self, position: int) -> dict[str, Any]:
        """Where a sequence's frames are, as far as it is known: ``video``, ``depth``, ..."""
        entry = self._entries[position]
        sources: dict[str, Any] = {}
        for key in SOURCES:
            pattern = self.sources.get(key)
            path = getattr(entry, key) if pattern is None else fill_pattern(key, pattern, entry)
            if path is not None:
                sources[key] = os.path.join(self.data_root, path)
        if sources and entry.video_start:
            sources["video_start"] = entry.video_start
        return sources

    def load_data_list(self) -> list[dict[str, Any]]:
        """Choose sequences and windows; called by ``full_init``."""
        entries = self.load_sequences()
        if self.holdout is not None:
            fold, folds = self.holdout
            entries = hold_out(entries, fold, folds, self.labelled_only)
        self._entries = entries
        wanted = [i for i, entry in enumerate(entries) if self._wants(entry)]
        frames = sum(self._length(entries[i]) for i in wanted)
        self._keeps = self.cache and frames <= self.cache_limit
        kept = [i for i in wanted if self._usable(i)]
        if self.skipped:
            first = next(iter(self.skipped.values()))
            print_log(
                f"skipped {len(self.skipped)} of {len(wanted)} sequences; the first: {first}",
                logger="current",
                level=30,
            )
        if not kept:
            raise InputError(self._nothing_left(len(wanted)))
        lengths = [self._length(entries[i]) for i in kept]
        windows = windows_of([entries[i] for i in kept], lengths, self.window == "trimmed")
        self._entries = PackedList(entries)
        return [
            {"position": i, "window": window, "num_frames": length}
            for i, window, length in zip(kept, windows, lengths, strict=True)
        ]

    def _length(self, entry: SequenceEntry) -> int:
        """Number of frames of a sequence after resampling."""
        if self.resample_fps is None:
            return entry.num_frames
        return resampled_length(entry.num_frames, entry.fps, self.resample_fps)

    def _wants(self, entry: SequenceEntry) -> bool:
        return (
            entry.split in (SPLITS if self.split == "all" else (self.split,))
            and (self.actions is None or entry.action in self.actions)
            and (entry.labelled or not self.labelled_only)
            and self._length(entry) >= self.min_frames
        )

    def _usable(self, position: int) -> bool:
        """Read a sequence ahead, where asked for, and tell whether it may stay."""
        if not self._keeps and self.on_error == "raise":
            return True
        try:
            sequence = self._sequence(position)
        except InputError as error:
            if self.on_error == "raise":
                raise
            self.skipped[self._entries[position].id] = str(error)
            return False
        if self._keeps:
            self._cached[position] = sequence
        return True

    def _sequence(self, position: int) -> PoseSequence:
        """A sequence at the wanted frame rate."""
        sequence = self._read(position)
        if self.resample_fps is None:
            return sequence
        return resample_sequence(sequence, self.resample_fps)

    def _nothing_left(self, wanted: int) -> str:
        where = self.data_root or type(self).__name__
        if wanted:
            return f"{where}: none of {wanted} sequences can be used; {self.skipped.popitem()[1]}"
        usable = {
            entry.action
            for entry in self._entries
            if self.split in (entry.split, "all") and (entry.labelled or not self.labelled_only)
        }
        kind = "labelled sequences" if self.labelled_only else "sequences"
        remedy = "name actions with --action"
        if not usable:
            labels = " with phase labels" if self.labelled_only else ""
            remedy = f"put some{labels} into that split"
        return (
            f"{where}: no sequence has split={self.split!r}, action={self.actions}, "
            f"labelled_only={self.labelled_only}, min_frames={self.min_frames}; its {kind} of that "
            f"split show {', '.join(sorted(usable)) or 'no action'}; {remedy}"
        )

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch it is, so that every epoch draws anew; workers see it too."""
        self._epoch.fill_(epoch)

    @property
    def epoch(self) -> int:
        """The epoch set last."""
        return int(self._epoch)

    def __len__(self) -> int:
        """Number of samples of an epoch, repeats counted."""
        return super().__len__() * self.repeat

    @property
    def clip_actions(self) -> list[str]:
        """The actions of the clips: index ``i`` shows clip ``i % len(clip_actions)``."""
        places = map(super().get_data_info, range(super().__len__()))
        return [self._entries[place["position"]].action for place in places]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """The sample ``idx`` before the pipeline; its arrays are copies of what is cached."""
        if not self._fully_initialized:
            self.full_init()
        idx = range(len(self))[idx]
        item = super().get_data_info(idx % super().__len__())
        entry = self._entries[item["position"]]
        sequence = self._cached.get(item["position"]) or self._sequence(item["position"])
        rng = np.random.default_rng([self.seed, self.epoch, idx])
        a, e = item["window"]
        if self.max_frames is not None and e - a > self.max_frames:
            a += int(rng.integers(e - a - self.max_frames + 1))
            e = a + self.max_frames
        points = sequence.keypoints3d
        return {
            "keypoint": sequence.keypoints[None, a:e].copy(),
            "keypoint_score": sequence.scores[None, a:e].copy(),
            **({} if points is None else {"keypoint_3d": points[None, a:e].copy()}),
            "frame_inds": np.arange(a, e, dtype=np.float64),
            "labels": None if sequence.labels is None else sequence.labels[a:e].copy(),
            "img_shape": sequence.frame_size,
            "fps": sequence.fps,
            "skeleton": sequence.skeleton,
            "sample_id": entry.id,
            "split": entry.split,
            "action": entry.action,
            "protocol": self.window,
            "window": (a, e),
            "num_frames": item["num_frames"],
            "pose_clock": (entry.num_frames, entry.fps),
            **self._frame_sources(item["position"]),
            "sample_idx": idx,
            "rng": rng,
        }

    def prepare_data(self, idx: int) -> Any:
        """The sample ``idx`` after the pipeline; in ``test_mode`` with its ``clip``.

        Raises:
            InputError: If a transform gives nothing; no other sample is taken in its place.
        """
        results = self.get_data_info(idx)
        clip = RawClip(results, self.pipeline) if self.test_mode else None
        data = self.pipeline(results) if clip is None else clip.part(0, len(clip))
        if data is None:
            raise InputError(
                f"{self.data_root}, sequence {results['sample_id']}: a transform of the pipeline "
                "returned None; correct the pipeline or leave the sequence out"
            )
        if clip is not None and "data_samples" in data:
            data["data_samples"].clip = clip
        return data


def _check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}, expected one of {', '.join(choices)}")
