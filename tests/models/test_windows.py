"""Clips of any length: which windows they are cut into, and how these are blended."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.dataset import pseudo_collate

from mmalign.datasets import ToyPoseDataset
from mmalign.errors import InputError
from mmalign.functional.following import follow
from mmalign.models.windows import Windows, embed_clip, longest_view, windows_for
from mmalign.registry import MODELS, TRANSFORMS
from mmalign.structures import AlignmentDataSample, RawClip
from tests.models.test_aligner import make_batch, make_model

STEPS = [
    TRANSFORMS.build(step)
    for step in (dict(type="CropToPoseBox", size=30), dict(type="PackAlignmentInputs"))
]


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("length", [1, 2, 5, 8])
def test_windows_cover_a_clip(length: int, overlap: float) -> None:
    windows = Windows(8, length, overlap)
    assert windows.spans(8) == [(0, 8)]
    for total in range(9, 60):
        spans = windows.spans(total)
        assert spans[0][0] == 0 and spans[-1][1] == total
        assert all(end - start == length for start, end in spans)
        starts = np.diff([start for start, _ in spans])
        assert (starts > 0).all() and (starts <= length).all()
        assert (starts[:-1] == windows.hop).all()
    assert (windows.weight() > 0).all()
    torch.testing.assert_close(windows.weight(), windows.weight().flip(0))


def test_windows_are_little_longer_than_views() -> None:
    assert windows_for(256, 48) == Windows(256, 64)
    assert windows_for(256, 300) == Windows(256, 256)
    assert windows_for(512, None) == Windows(512, 512)
    assert windows_for(None, None) == Windows(256, 256)


def test_the_longest_view_is_the_largest_limit() -> None:
    views = [dict(type="TwoViews", view0=[dict(max_frames=48)], view1=[dict(max_frames=32)])]
    assert longest_view(dict(dataset=dict(pipeline=views))) == 48
    assert longest_view(dict(dataset=dict(pipeline=views, max_frames=64))) == 64
    assert longest_view(dict(dataset=dict(pipeline=[dict(max_frames=None)]))) is None
    assert longest_view(None) is None


def fake(features) -> SimpleNamespace:
    """A network that gives ``features`` of a sample's frame numbers."""

    class Network(SimpleNamespace):
        def __call__(self, inputs, data_samples, mode):
            for sample in data_samples:
                sample.embedding = features(sample.frame_inds[0])
            return data_samples

    return Network(data_preprocessor=lambda batch: batch, parameters=lambda: iter([torch.ones(1)]))


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("length", [1, 2, 5, 7])
def test_windows_of_a_per_frame_embedding_are_that_embedding(length: int, overlap: float) -> None:
    rng = np.random.default_rng(0)
    results = dict(
        keypoint=rng.random((1, 23, 3, 2)).astype(np.float32),
        keypoint_score=np.ones((1, 23, 3), dtype=np.float32),
        frame_inds=np.arange(100.0, 123.0),
        window=(100, 123),
        rng=rng,
    )
    pack = STEPS[1]
    network = fake(lambda inds: torch.stack([inds, -2 * inds], dim=1))
    found = embed_clip(network, RawClip(results, pack), Windows(7, length, overlap))
    inds = torch.arange(100.0, 123.0)
    torch.testing.assert_close(found["embedding"], torch.stack([inds, -2 * inds], dim=1))


def clips(length: tuple[int, int], number: int = 1) -> ToyPoseDataset:
    return ToyPoseDataset(
        num_sequences=number, length=length, split="val", pipeline=STEPS, test_mode=True
    )


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    block = dict(dim=24, num_heads=2, temporal_depth=1, temporal_encoding="rotary")
    return MODELS.build(
        dict(
            type="Aligner",
            data_preprocessor=dict(type="CoordinateDataPreprocessor", skeleton="coco17"),
            encoder=dict(type="CoordinateEncoder", spatial="linear", **block),
            loss=dict(type="AlignmentLoss"),
            max_frames=48,
        )
    ).eval()


def alone(model, packed) -> torch.Tensor:
    with torch.no_grad():
        (sample,) = model(**model.data_preprocessor(pseudo_collate([packed])), mode="predict")
    return sample.embedding


def test_a_long_clip_is_the_weighted_mean_of_windows_that_are_cropped_alone(model) -> None:
    dataset = clips((130, 130))
    raw = dataset.get_data_info(0)
    keypoint = follow(raw["keypoint"][0], raw["keypoint_score"][0], 10)[None]
    windows, total = Windows(48, 20), raw["num_frames"]
    rows, counts = torch.zeros(total, 24), torch.zeros(total, 1)
    for start in sorted({*range(0, total - 20, 15), total - 20}):
        part = slice(start, start + 20)
        packed = Compose(STEPS)(
            dict(
                raw,
                keypoint=keypoint[:, part],
                keypoint_score=raw["keypoint_score"][:, part],
                frame_inds=raw["frame_inds"][part],
                labels=None,
            )
        )
        for frame, u in enumerate(alone(model, packed)):
            weight = min(frame + 1, 20 - frame, 5)
            rows[start + frame] += weight * u
            counts[start + frame] += weight
    found = embed_clip(model, RawClip(raw, dataset.pipeline), windows)["embedding"]
    torch.testing.assert_close(found, rows / counts, atol=1e-5, rtol=0)


def test_a_walk_does_not_matter_to_a_long_clip_as_it_would(model) -> None:
    dataset = clips((130, 130))
    raw = dataset.get_data_info(0)
    keypoint = raw["keypoint"].copy()
    keypoint[..., 0] += 6 * np.arange(raw["num_frames"])[:, None]
    windows = Windows(48, 20)

    def distance(**options) -> float:
        found = [
            embed_clip(
                model,
                RawClip(dict(raw, keypoint=k), dataset.pipeline),
                Windows(48, 20, **options),
            )["embedding"]
            for k in (raw["keypoint"], keypoint)
        ]
        return float((found[0] - found[1]).norm())

    assert windows.follows and distance() < 0.5 * distance(follows=False)


def test_batches_of_short_clips_are_embedded_together(model) -> None:
    dataset = clips((30, 48), 3)
    batch = pseudo_collate([dataset[i] for i in range(3)])
    with torch.no_grad():
        found = model.val_step(batch)
        expected = model(**model.data_preprocessor(batch), mode="predict")
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one.embedding, other.embedding)


def test_a_long_clip_in_a_batch_leaves_the_others_as_they_are(model) -> None:
    short, long = clips((30, 48)), clips((100, 100))
    both = model.test_step(pseudo_collate([short[0], long[0]]))
    assert [len(one.embedding) for one in both] == [short[0]["data_samples"].num_frames, 100]
    assert torch.equal(both[0].embedding, alone(model, short[0]))
    assert "parts" not in both[1]
    assert torch.equal(
        both[1].embedding, embed_clip(model, long[0]["data_samples"].clip)["embedding"]
    )


def test_long_clips_of_another_origin_are_told() -> None:
    model = make_model(max_frames=8)
    with pytest.raises(InputError, match="sequence '0': has 20 frames, .* at most 8 .*test_mode"):
        model.val_step(make_batch((20, 6)))
    for mode in ("tensor", "predict"):
        with pytest.raises(ValueError, match="20 frames are more than the 8"):
            model(**model.data_preprocessor(make_batch((20, 6))), mode=mode)


def test_samples_have_their_clips_only_where_they_are_embedded() -> None:
    training = ToyPoseDataset(num_sequences=1, pipeline=STEPS)
    assert "clip" not in training[0]["data_samples"]
    sample = clips((30, 48))[0]["data_samples"]
    assert isinstance(sample, AlignmentDataSample) and isinstance(sample.clip, RawClip)
