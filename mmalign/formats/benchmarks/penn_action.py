"""Penn Action to pose files: every benchmark action, with phase labels where there are any."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.benchmarks.penn_action_files import (
    SKELETON,
    Annotation,
    canonical_action,
    list_files,
    read_annotation,
)
from mmalign.formats.benchmarks.penn_action_labels import phase_names, read_all_labels
from mmalign.poses.pose_index import SPLITS, SequenceEntry

# Penn Action's actions that the alignment benchmark uses (Dwibedi et al., CVPR 2019): all but
# jump_rope and strum_guitar, which have no phases.
BENCHMARK_ACTIONS = (
    "baseball_pitch", "baseball_swing", "bench_press", "bowling", "clean_and_jerk", "golf_swing",
    "jumping_jacks", "pullups", "pushups", "situp", "squats", "tennis_forehand", "tennis_serve",
)  # fmt: skip


class PennActionReader(FormatReader):
    """Penn Action's annotated joints.

    Args:
        src: Folder with ``labels/*.mat`` and, for labels, ``phase_labels/ACTION_SPLIT.json``; or
            its parent. Where it has ``frames/VIDEO`` the index names that folder as the source.
        actions: Actions to take, in either spelling; None for the benchmark's thirteen and every
            other that has phase labels.
        occluded_score: Score of joints that are marked invisible but have an annotated position.
            The annotators placed them by guess, so they count for half: neither lost nor trusted
            like a visible joint (1). Absent joints always have 0.

    Raises:
        InputError: If the folder, a label file or an argument is not as expected.
    """

    name = "penn_action"
    description = "Penn Action's annotated joints, with the benchmark's phase labels"
    title = "Penn Action (Zhang et al., ICCV 2013)"
    skeleton = SKELETON

    VERSION = 2
    """Rises with every change that gives other poses, so that old ones are not used again."""

    def __init__(
        self, src: str | Path, actions: Sequence[str] | None = None, occluded_score: float = 0.5
    ) -> None:
        super().__init__(_find_source(Path(src)))
        if not 0 <= occluded_score <= 1:
            raise InputError(f"occluded_score is {occluded_score}, expected a number from 0 to 1")
        self.actions = actions
        self.occluded_score = occluded_score
        self.labels = read_all_labels(self.src / "phase_labels")
        self.wanted = {canonical_action(a) for a in actions or (*BENCHMARK_ACTIONS, *self.labels)}
        self.phases = {action: phase_names(splits) for action, splits in self.labels.items()}
        self._found: set[str] = set()

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare ``--actions`` and ``--occluded-score``."""
        parser.add_argument(
            "--actions",
            nargs="+",
            metavar="ACTION",
            help="only these (default: all of the benchmark)",
        )
        parser.add_argument(
            "--occluded-score",
            type=float,
            default=0.5,
            help="score of joints that are invisible but annotated (default: %(default)s)",
        )

    def items(self) -> Sequence[str]:
        """Numbers of all videos."""
        return [path.stem for path in list_files(self.src / "labels", ".mat")]

    def read(self, item: str, report: ConversionReport) -> Iterator[Clip]:
        """Read one video, if its action is wanted."""
        annotation = read_annotation(self.src / "labels" / f"{item}.mat")
        self._found.add(annotation.action)
        if annotation.action not in self.wanted:
            report.counts["videos of other actions, left out"] += 1
            return
        split, phases = self._labels_of(annotation)
        sequence = annotation.to_sequence(phases, self.occluded_score)
        _count_oddities(report, annotation, phases, split)
        yield Clip(item, sequence, split, annotation.action, self._frames(annotation, report))

    def finish(self, report: ConversionReport) -> None:
        """List sequences by action and split, labelled ones first in annotation order.

        Raises:
            InputError: If an action that was asked for, or a labelled video, does not exist.
        """
        found = {(e.action, e.id) for e in report.index.sequences}
        self._check_found(found, set(report.skipped))

        order = {
            video: i
            for splits in self.labels.values()
            for videos in splits.values()
            for i, video in enumerate(videos)
        }

        def place(entry: SequenceEntry) -> tuple[Any, ...]:
            number = order[entry.id] if entry.labelled else len(order)
            return entry.action, SPLITS.index(entry.split), number, entry.id

        report.index.sequences.sort(key=place)

    def _labels_of(self, annotation: Annotation) -> tuple[str, np.ndarray | None]:
        """Split and phases of a video; the label file's split holds, the annotation's otherwise."""
        for split, videos in self.labels.get(annotation.action, {}).items():
            if annotation.video in videos:
                return split, videos[annotation.video]
        return annotation.split, None

    def _frames(self, annotation: Annotation, report: ConversionReport) -> str:
        """The folder of a video's RGB frames, or an empty text; counts wrong numbers of them."""
        folder = self.src / "frames" / annotation.video
        if not folder.is_dir():
            return ""
        images, frames = sum(1 for _ in folder.glob("*.jpg")), len(annotation.xy)
        report.counts["videos with RGB frames"] += 1
        if images != frames:
            report.notes.append(f"video {annotation.video}: {frames} frames, {images} images")
        return str(folder.resolve())

    def _check_found(self, videos: set[tuple[str, str]], skipped: set[str]) -> None:
        """Complain about actions that are asked for, and labelled videos, that do not exist.

        Args:
            videos: action and number of every video that was read.
            skipped: numbers of those that could not be.
        """
        unknown = sorted(self.wanted - self._found) if self.actions else []
        if unknown:
            raise InputError(
                f"{self.src}: no video of action {', '.join(unknown)}; expected some of "
                f"{', '.join(sorted(self._found))}"
            )
        for action in sorted(self.wanted & set(self.labels)):
            for split, of_split in self.labels[action].items():
                missing = [
                    video
                    for video in of_split
                    if (action, video) not in videos and video not in skipped
                ]
                if missing:
                    raise InputError(
                        f"{self.src}: phase_labels/{action}_{split}.json names video {missing[0]} "
                        f"({len(missing)} in all), for which labels/ has no file of that action; "
                        f"it has {', '.join(sorted(self._found))}; unpack labels/ completely, or "
                        "name the file after the action that its videos show"
                    )


def raw_folder(src: Path) -> Path | None:
    """The folder with ``labels/*.mat``: ``src`` or a Penn Action folder in it; None without.

    Raises:
        InputError: If one of them cannot be listed.
    """
    candidates = (src, src / "penn_action", src / "Penn_Action")
    return next((one for one in candidates if list_files(one / "labels", ".mat")), None)


def _find_source(src: Path) -> Path:
    """The folder that holds ``labels/*.mat``: ``src`` or a Penn Action folder in it."""
    folder = raw_folder(src)
    if folder is not None:
        return folder
    found = "has no labels/*.mat"
    if not src.is_dir():
        found = "is a file" if src.exists() else "does not exist"
    raise InputError(
        f"{src}: {found}; expected the unpacked Penn Action data set (labels/NNNN.mat, and "
        "phase_labels/ACTION_SPLIT.json for evaluation); get it from "
        "https://dreamdragon.github.io/PennAction/"
    )


def _count_oddities(
    report: ConversionReport, annotation: Annotation, phases: np.ndarray | None, split: str
) -> None:
    absent, visible = annotation.absent, annotation.visible
    blind = ~visible.any(axis=1)
    report.counts.update(
        {
            "videos": 1,
            "frames": len(visible),
            "joints": visible.size,
            "invisible joints": int((~visible).sum()),
            "absent joints": int(absent.sum()),
            "videos whose absent joints were scaled": int(
                (absent & (annotation.xy > 1).any(axis=-1)).any()
            ),
            "frames without a visible joint": int(blind.sum()),
            "videos with such frames": int(blind.any()),
            "frames with every joint absent": int(absent.all(axis=1).sum()),
            "videos without any visible joint": int(blind.all()),
            "videos with integer coordinates": int(annotation.integer_coordinates),
            "videos with a short bbox": int(annotation.short_bbox),
            "videos whose label file names another split": int(split != annotation.split),
        }
    )
    if phases is not None and len(phases) != len(visible):
        report.notes.append(
            f"video {annotation.video}: {len(visible)} frames, {len(phases)} labels; cut to "
            f"{min(len(visible), len(phases))}"
        )
