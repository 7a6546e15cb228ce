"""The MMEngine metric: one result per video, the right clips in the right protocol."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mmalign.errors import InputError
from mmalign.evaluation.clip import EvaluationClips
from mmalign.evaluation.metric import AlignmentMetric
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.scoring import evaluate
from mmalign.functional.metrics import trim_windows
from mmalign.registry import METRICS
from mmalign.structures import AlignmentDataSample


def make_samples(train: int = 4, val: int = 3) -> list[AlignmentDataSample]:
    rng = np.random.default_rng(0)
    samples = []
    windows = trim_windows([20] * val)
    for split, protocol, count in (
        ("train", "whole", train),
        ("val", "whole", val),
        ("val", "trimmed", val),
    ):
        for index in range(count):
            a, e = windows[index] if protocol == "trimmed" else (0, 20)
            labels = np.repeat(np.arange(4), 5)[a:e]
            embedding = np.eye(8)[labels] + rng.normal(size=(e - a, 8))
            sample = AlignmentDataSample(
                metainfo={
                    "sample_id": f"{index}",
                    "split": split,
                    "action": "wave",
                    "protocol": protocol,
                    "window": (a, e),
                    "num_frames": 20,
                }
            )
            sample.labels = torch.tensor(labels)
            sample.embedding = torch.tensor(embedding, dtype=torch.float32)
            samples.append(sample)
    return samples


def run(metric: AlignmentMetric, samples: list[AlignmentDataSample]) -> dict[str, float]:
    evaluator = Evaluator(metric)
    for begin in range(0, len(samples), 4):
        evaluator.process(samples[begin : begin + 4])
    return evaluator.evaluate(len(samples))


def test_figures_are_those_of_the_protocol() -> None:
    metric = METRICS.build({"type": "AlignmentMetric", "tau_stride": 2})
    figures = run(metric, make_samples())
    clips = metric.clips
    assert [len(part) for part in (clips.train, clips.val, clips.windows)] == [4, 3, 3]
    assert all(len(clip.embedding) < clip.num_frames == 20 for clip in clips.windows)
    options = ProtocolOptions(tau_stride=2)
    expected = evaluate(clips.train, clips.val, clips.windows, options)
    assert figures == {
        f"{protocol}/{name}": value
        for protocol, values in expected.items()
        for name, value in values.items()
    }
    assert figures["published/tau_stride"] == 2


def test_exactly_one_result_per_video() -> None:
    metric = AlignmentMetric()
    metric.process(None, [sample.to_dict() for sample in make_samples()])
    assert len(metric.results) == 10


def test_without_windows_only_the_published_protocol() -> None:
    samples = [s for s in make_samples() if s.protocol == "whole"]
    assert all(name.startswith("published/") for name in run(AlignmentMetric(), samples))


def test_a_second_evaluation_starts_afresh() -> None:
    metric = AlignmentMetric()
    assert run(metric, make_samples()) == run(metric, make_samples())


def test_bad_sets_of_clips() -> None:
    samples = make_samples()
    with pytest.raises(InputError, match="found twice"):
        run(AlignmentMetric(), [*samples, samples[0]])
    with pytest.raises(InputError, match="no labelled clip"):
        run(AlignmentMetric(), [s for s in samples if s.split == "val"])
    samples[0].set_metainfo({"action": "jump"})
    with pytest.raises(InputError, match="jump, wave"):
        run(AlignmentMetric(), samples)
    samples[0].set_metainfo({"action": "wave", "protocol": "trimmed"})
    with pytest.raises(InputError, match="train, trimmed"):
        run(AlignmentMetric(), samples)


def test_unlabelled_video_is_named() -> None:
    sample = make_samples()[0]
    del sample.labels
    with pytest.raises(InputError, match="clip '0'.*labelled_only"):
        run(AlignmentMetric(), [sample])


def test_empty_results_are_empty_clips() -> None:
    assert EvaluationClips.from_results([]) == EvaluationClips()


def test_parts_of_a_fused_network_are_scored_like_the_whole() -> None:
    whole, parted = make_samples(), make_samples()
    generator = torch.Generator().manual_seed(0)
    for sample in parted:
        noise = torch.randn(sample.embedding.shape, generator=generator)
        sample.parts = {"rgb": sample.embedding, "without_rgb": noise}
        sample.embedding = sample.embedding * 2
    figures = run(AlignmentMetric(), parted)
    expected = run(AlignmentMetric(), whole)
    assert {key: figures[f"rgb/{key}"] for key in expected} == pytest.approx(expected)
    assert figures["without_rgb/published/acc@1.0"] < figures["rgb/published/acc@1.0"]
    assert len(figures) == 3 * len(expected)
