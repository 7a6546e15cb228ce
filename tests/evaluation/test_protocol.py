"""Both protocols from clips to figures, and the published known answers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.evaluation.clip import Clip
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.scoring import (
    evaluate,
    evaluate_published,
    evaluate_trimmed,
)
from mmalign.functional.metrics import phase_classification, phase_progression, trim_windows


def cut(clips: list[Clip]) -> list[Clip]:
    windows = trim_windows([clip.num_frames for clip in clips])
    return [
        Clip(c.sample_id, c.embedding[a:e], c.labels[a:e], c.num_frames)
        for c, (a, e) in zip(clips, windows, strict=True)
    ]


def make_clips(count: int, seed: int) -> list[Clip]:
    rng = np.random.default_rng(seed)
    clips = []
    for index in range(count):
        labels = np.sort(np.concatenate([np.arange(3), rng.integers(0, 3, 20)]))
        embedding = np.eye(6)[labels] + 0.6 * rng.normal(size=(23, 6))
        clips.append(Clip(f"{seed}-{index}", embedding.astype(np.float32), labels, 23))
    return clips


def reference_folder() -> Path:
    named = os.environ.get("MMALIGN_REFERENCE")
    data = os.environ.get("MMALIGN_DATA")
    folder = Path(named) if named else Path(data, "..", "reference") if data else None
    if folder is None or not (folder / "expected.json").is_file():
        pytest.skip("set MMALIGN_REFERENCE to the folder with embeddings.npz and expected.json")
    return folder


def load_reference(folder: Path, split: str) -> list[Clip]:
    with np.load(folder / "embeddings.npz", allow_pickle=False) as arrays:
        count = sum(name.startswith(f"{split}_emb_") for name in arrays.files)
        pairs = [(arrays[f"{split}_emb_{i}"], arrays[f"{split}_label_{i}"]) for i in range(count)]
    return [Clip(f"{split} {i}", emb, lab, len(lab)) for i, (emb, lab) in enumerate(pairs)]


def test_known_answers() -> None:
    folder = reference_folder()
    expected = json.loads((folder / "expected.json").read_text())
    train, val = load_reference(folder, "train"), load_reference(folder, "val")
    windows = trim_windows([clip.num_frames for clip in val])
    assert [list(window) for window in windows] == expected["trimmed"].pop("windows")
    figures = evaluate(train, val, cut(val))
    for name, value in expected.pop("trimmed").items():
        assert figures["trimmed"][name] == pytest.approx(value, abs=1e-6), name
    stride2 = evaluate_published(train, val, ProtocolOptions(tau_stride=2))
    assert stride2["tau"] == pytest.approx(expected.pop("tau_stride2"), abs=1e-6)
    assert figures["published"]["tau"] == pytest.approx(expected.pop("tau_stride1"), abs=1e-6)
    for name, value in expected.items():
        assert figures["published"][name] == pytest.approx(value, abs=1e-6), name


def test_keys_and_sharing() -> None:
    train, val = make_clips(6, 0), make_clips(5, 1)
    both = evaluate(train, val, cut(val))
    shared = {"acc@0.1", "acc@0.5", "acc@1.0", "AP@5", "AP@10", "AP@15"}
    assert set(both["published"]) == shared | {"progress", "tau", "tau_nan_pairs", "tau_stride"}
    assert set(both["trimmed"]) == shared | {"event_error", "event_pairs"}
    assert both["published"] == evaluate_published(train, val)
    assert both["trimmed"] == evaluate_trimmed(train, cut(val))


def test_repeated_labels_have_no_order_figures() -> None:
    train, val = make_clips(4, 0), make_clips(3, 1)
    both = evaluate(train, val, cut(val), ProtocolOptions(ordered=False, background=0))
    assert not {"tau", "progress"} & set(both["published"])
    assert "event_error" not in both["trimmed"]


def test_fit_on_val_fits_on_val() -> None:
    train, val = make_clips(4, 0), make_clips(3, 1)
    figures = evaluate(train, val, cut(val), ProtocolOptions(fit_on="val"))
    arrays = [c.embedding for c in val], [c.labels for c in val]
    assert figures["published"]["acc@1.0"] == phase_classification(*arrays, *arrays)
    assert figures["published"]["progress"] == phase_progression(*arrays, *arrays)
    assert figures["trimmed"] == evaluate_trimmed(train, cut(val))


@pytest.mark.parametrize(
    "options",
    [{"classifier": "tree"}, {"fit_on": "test"}, {"aligner": "x"}, {"tau_stride": 0}],
)
def test_unknown_options(options: dict) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        ProtocolOptions(**options)


def test_nothing_to_score() -> None:
    with pytest.raises(InputError, match="no labelled clip"):
        evaluate_published([], make_clips(2, 0))
    with pytest.raises(InputError, match="no labelled clip"):
        evaluate_trimmed(make_clips(2, 0), [])


@pytest.mark.parametrize(
    ("embedding", "labels", "num_frames", "found"),
    [
        (np.zeros((3, 2)), np.zeros(2, int), 3, "one phase per frame"),
        (np.zeros((3, 2)), np.array([0, 1, -1]), 3, ">= 0"),
        (np.zeros((3, 2)), np.zeros(3), 3, "phases"),
        (np.full((3, 2), np.nan), np.zeros(3, int), 3, "diverged"),
        (np.zeros((3, 2)), np.zeros(3, int), 2, "num_frames"),
        (np.zeros((0, 2)), np.zeros(0, int), 2, "shape"),
    ],
)
def test_bad_clips(embedding: np.ndarray, labels: np.ndarray, num_frames: int, found: str) -> None:
    with pytest.raises(InputError, match=found):
        Clip("x", embedding, labels, num_frames)
