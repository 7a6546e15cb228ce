"""Penn Action to pose files: every benchmark action, with phase labels where there are any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmalign.datasets.formats.penn_action_files import (
    SKELETON,
    Annotation,
    canonical_action,
    read_annotation,
    read_phase_labels,
)
from mmalign.datasets.pose_file import PoseSequence, write_pose_file
from mmalign.datasets.pose_index import (
    INDEX_NAME,
    SPLITS,
    PoseIndex,
    SequenceEntry,
    write_index,
)
from mmalign.errors import InputError

# Penn Action's actions that the alignment benchmark uses (Dwibedi et al., CVPR 2019): all but
# jump_rope and strum_guitar, which have no phases.
BENCHMARK_ACTIONS = (
    "baseball_pitch", "baseball_swing", "bench_press", "bowling", "clean_and_jerk", "golf_swing",
    "jumping_jacks", "pullups", "pushups", "situp", "squats", "tennis_forehand", "tennis_serve",
)  # fmt: skip


@dataclass
class ConversionReport:
    """What a conversion found.

    Attributes:
        index: The index that was written.
        counts: How often each oddity was met, in files, frames or joints as its name says.
        short_labels: Videos with fewer labels than frames: ``{video: (frames, labels)}``.
        skipped: Videos left out and why.
    """

    index: PoseIndex
    counts: Counter[str] = field(default_factory=Counter)
    short_labels: dict[str, tuple[int, int]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def convert(
    src: str | Path,
    out: str | Path,
    actions: Sequence[str] | None = None,
    occluded_score: float = 0.5,
    on_error: str = "raise",
    progress: Callable[[Iterable[Path]], Iterable[Path]] = iter,
) -> ConversionReport:
    """Turn Penn Action's annotations into a prepared data set.

    The folder becomes usable with its last write, the index; an earlier index goes first, so an
    interrupted run leaves no folder that looks complete.

    Args:
        src: Folder with ``labels/*.mat`` and, for labels, ``phase_labels/ACTION_SPLIT.json``; or
            its parent.
        out: Folder to write to.
        actions: Actions to take, in either spelling; None for the benchmark's thirteen and every
            other that has phase labels.
        occluded_score: Score of joints that are marked invisible but have an annotated position.
            The annotators placed them by guess, so they count for half: neither lost nor trusted
            like a visible joint (1). Absent joints always have 0.
        on_error: ``raise``, or ``skip`` to leave out videos that cannot be used, and report them.
        progress: Wraps the iteration over the files, to show how far it is.

    Raises:
        InputError: If a folder, an action or a file is not as expected.
    """
    if on_error not in ("raise", "skip"):
        raise InputError(f"on_error is {on_error!r}, expected 'raise' or 'skip'")
    if not 0 <= occluded_score <= 1:
        raise InputError(f"occluded_score is {occluded_score}, expected a number from 0 to 1")
    src, out = _find_source(Path(src)), Path(out)
    labels = _read_all_labels(src / "phase_labels")
    wanted = {canonical_action(name) for name in actions or (*BENCHMARK_ACTIONS, *labels)}
    report = ConversionReport(PoseIndex(SKELETON, "Penn Action (Zhang et al., ICCV 2013)"))
    _remove_index(out)
    entries: dict[str, SequenceEntry] = {}
    found = set()
    for path in progress(sorted((src / "labels").glob("*.mat"))):
        try:
            annotation = read_annotation(path)
            found.add(annotation.action)
            if annotation.action not in wanted:
                continue
            split, phases = _labels_of(annotation, labels)
            sequence = annotation.to_sequence(phases, occluded_score)
        except InputError as error:
            if on_error == "raise":
                raise
            report.skipped[path.stem] = str(error)
            continue
        _count_oddities(report, annotation, phases, split)
        entries[annotation.video] = _write(out, annotation, split, sequence)
    _check_found(src, actions, wanted, found, labels, {*entries, *report.skipped})
    _fill_index(report.index, entries, labels)
    write_index(out, report.index)
    return report


def _remove_index(out: Path) -> None:
    try:
        (out / INDEX_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written ({error.strerror}); name a folder you may write to"
        ) from error


def _find_source(src: Path) -> Path:
    """The folder that holds ``labels/*.mat``: ``src`` or a Penn Action folder in it."""
    for folder in (src, src / "penn_action", src / "Penn_Action"):
        if any((folder / "labels").glob("*.mat")):
            return folder
    found = "has no labels/*.mat" if src.is_dir() else "does not exist"
    raise InputError(
        f"{src}: {found}; expected the unpacked Penn Action data set (labels/NNNN.mat, and "
        "phase_labels/ACTION_SPLIT.json for evaluation); get it from "
        "https://dreamdragon.github.io/PennAction/"
    )


def _read_all_labels(folder: Path) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """``{action: {split: {video: phases}}}`` of whatever label files there are."""
    labels: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for path in sorted(folder.glob("*.json")):
        action, _, split = path.stem.rpartition("_")
        if not action or split not in SPLITS:
            raise InputError(f"{path}: expected a name like golf_swing_train.json; rename the file")
        labels.setdefault(canonical_action(action), {})[split] = read_phase_labels(path)
    return labels


def _labels_of(
    annotation: Annotation, labels: dict[str, dict[str, dict[str, np.ndarray]]]
) -> tuple[str, np.ndarray | None]:
    """Split and phases of a video; the label file's split holds, the annotation's otherwise."""
    for split, videos in labels.get(annotation.action, {}).items():
        if annotation.video in videos:
            return split, videos[annotation.video]
    return annotation.split, None


def _write(out: Path, annotation: Annotation, split: str, sequence: PoseSequence) -> SequenceEntry:
    file = f"poses/{annotation.video}.npz"
    write_pose_file(out / file, sequence)
    return SequenceEntry(
        id=annotation.video,
        file=file,
        split=split,
        action=annotation.action,
        num_frames=sequence.num_frames,
        fps=sequence.fps,
        labelled=sequence.labels is not None,
        source=annotation.video,
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
        report.short_labels[annotation.video] = (len(visible), len(phases))


def _check_found(
    src: Path,
    actions: Sequence[str] | None,
    wanted: set[str],
    found: set[str],
    labels: dict[str, dict[str, dict[str, np.ndarray]]],
    videos: set[str],
) -> None:
    """Complain about actions that are asked for, and labelled videos, that do not exist."""
    unknown = sorted(wanted - found) if actions else []
    if unknown:
        raise InputError(
            f"{src}: no video of action {', '.join(unknown)}; expected some of "
            f"{', '.join(sorted(found))}"
        )
    for action in sorted(wanted & set(labels)):
        for split, of_split in labels[action].items():
            missing = [video for video in of_split if video not in videos]
            if missing:
                raise InputError(
                    f"{src}: phase_labels/{action}_{split}.json names video {missing[0]} "
                    f"({len(missing)} in all), for which labels/ has no file of that action; "
                    "unpack labels/ completely"
                )


def _fill_index(
    index: PoseIndex,
    entries: dict[str, SequenceEntry],
    labels: dict[str, dict[str, dict[str, np.ndarray]]],
) -> None:
    """List the sequences by action and split, labelled ones first in annotation order."""
    for action in sorted({entry.action for entry in entries.values()}):
        of_action = labels.get(action, {})
        phases = max(
            (int(p.max()) + 1 for videos in of_action.values() for p in videos.values()), default=0
        )
        index.actions[action] = {"phases": [f"phase {i}" for i in range(phases)]}
        for split in SPLITS:
            order = {video: i for i, video in enumerate(of_action.get(split, {}))}
            chosen = [e for e in entries.values() if (e.action, e.split) == (action, split)]
            index.sequences += sorted(chosen, key=lambda e: (order.get(e.id, len(order)), e.id))
