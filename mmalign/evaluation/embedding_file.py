"""A file of embeddings that somebody else's method has made, as the evaluation takes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.evaluation.clip import Clip, EvaluationClips
from mmalign.functional.metrics import trim_windows
from mmalign.poses.npz_archive import read_npz

_MOST_PHASES = 1000
_KINDS = ("emb", "label")
_KEY = re.compile(r"(train|val)_(emb|label)_(\d{1,7})|val_(window)_(\d{1,7})")


def read_embeddings(path: str | Path) -> EvaluationClips:
    """Read a file of embeddings.

    It is an ``.npz`` of plain arrays: ``train_emb_0``, the embedding ``(T, D)`` of the first
    training clip, ``train_label_0``, the phases ``(T,)`` of its frames, and so on in the
    annotation's order; ``val_emb_0`` and ``val_label_0`` are the same of the validation clips.
    ``val_window_0`` may give the embedding of the first validation clip's window of the trimmed
    protocol (:func:`~mmalign.functional.metrics.trim_windows` of the validation clips' lengths),
    made of the window alone. If none is there, windows are cut out of the whole clips' embeddings.

    Raises:
        InputError: The file cannot be read, or does not hold that.
    """
    try:
        content = read_npz(path)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path}: no such file; expected an .npz of embeddings") from error
    except InputError:
        raise
    except Exception as error:  # Damaged files fail in a dozen ways.
        raise InputError(
            f"{path}: not readable ({type(error).__name__}: {error}); expected an .npz of plain"
            " arrays, as numpy.savez writes it"
        ) from error
    arrays = {key: array for key, array in content.items() if _KEY.fullmatch(key)}
    if unknown := sorted(set(content) - set(arrays)):
        raise InputError(
            f"{path}: found the array {unknown[0]!r}, expected train_emb_0, train_label_0, ...,"
            " val_emb_0, val_label_0, ... and perhaps val_window_0, ...; rename it or leave it out"
        )
    train = _clips(path, arrays, "train")
    val = _clips(path, arrays, "val")
    clips = EvaluationClips(train, val, _windows(path, arrays, val))
    first, *others = (*clips.train, *clips.val, *clips.windows)
    for one in others:
        if one.embedding.shape[1] != first.embedding.shape[1]:
            raise InputError(
                f"{path}: {one.sample_id} has {one.embedding.shape[1]} channels, {first.sample_id}"
                f" {first.embedding.shape[1]}; expected as many in all clips"
            )
    return clips


def _clips(path: str | Path, arrays: Mapping[str, np.ndarray], split: str) -> list[Clip]:
    """The whole clips of a split."""
    count = sum(key.startswith(f"{split}_emb_") for key in arrays)
    labels = sum(key.startswith(f"{split}_label_") for key in arrays)
    wanted = [f"{split}_{kind}_{i}" for i in range(max(1, count, labels)) for kind in _KINDS]
    if lacking := [key for key in wanted if key not in arrays]:
        raise InputError(
            f"{path}: lacks {lacking[0]}; found {count} embeddings and {labels} labels of"
            f" {split} clips, expected one of each per clip, counted from 0"
        )
    pairs = [(arrays[f"{split}_emb_{i}"], arrays[f"{split}_label_{i}"]) for i in range(count)]
    return [_clip(path, f"{split}_emb_{i}", *pair, None) for i, pair in enumerate(pairs)]


def _windows(path: str | Path, arrays: Mapping[str, np.ndarray], val: list[Clip]) -> list[Clip]:
    """The windows of the validation clips: their own embeddings, or cut out of the clips'."""
    own = [key for key in arrays if key.startswith("val_window_")]
    windows = []
    spans = trim_windows([clip.num_frames for clip in val])
    for i, (clip, (start, end)) in enumerate(zip(val, spans, strict=True)):
        name, embedding = f"val_window_{i}", clip.embedding[start:end]
        if own:
            if name not in arrays or len(own) != len(val):
                raise InputError(
                    f"{path}: found {len(own)} windows of {len(val)} validation clips, expected"
                    " val_window_0, ..., one for every clip, or none"
                )
            embedding = arrays[name]
            if embedding.shape[:1] != (end - start,):
                raise InputError(
                    f"{path}: {name} has the shape {embedding.shape}, expected {end - start} rows,"
                    f" of the frames {start} to {end - 1}; see"
                    " mmalign.functional.metrics.trim_windows"
                )
        windows.append(_clip(path, name, embedding, clip.labels[start:end], clip.num_frames))
    return windows


def _clip(
    path: str | Path, name: str, embedding: np.ndarray, labels: np.ndarray, num_frames: int | None
) -> Clip:
    if embedding.dtype.kind not in "fiu":
        raise InputError(f"{path}: {name} is of {embedding.dtype}, expected real numbers")
    if labels.dtype.kind in "iu" and labels.size:
        if (most := int(labels.max())) >= _MOST_PHASES:
            raise InputError(
                f"{path}: {name} has a label {most}, expected phases 0 to {_MOST_PHASES - 1};"
                " number them from 0"
            )
        labels = labels.astype(np.int64)
    try:
        return Clip(name, embedding, labels, labels.size if num_frames is None else num_frames)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
