"""What an evaluation's data sets hold, as the floors and the report see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mmalign.datasets.transforms import Corruption, Use3DKeypoints


def raw_samples(dataset: Any) -> Iterator[dict[str, Any]]:
    """Yield the samples of a data set, or of several concatenated ones, for the floors.

    They are those before any transform or, where the pipeline corrupts poses or takes those in 3D,
    those after it has: what the model is given.
    """
    for part in _parts(dataset):
        for index in range(len(part)):
            sample = part.get_data_info(index)
            for transform in _first_steps(part):
                sample = transform(sample)
            yield sample


def corruptions_of(dataset: Any) -> list[dict[str, Any]]:
    """Say which corruptions the pipelines of a data set, or of several, hold, each once."""
    found: list[dict[str, Any]] = []
    for part in _parts(dataset):
        steps = [step for step in _first_steps(part) if isinstance(step, Corruption)]
        found += [step.describe() for step in steps if step.describe() not in found]
    return found


def _parts(dataset: Any) -> list[Any]:
    return getattr(dataset, "datasets", [dataset])


def _first_steps(dataset: Any) -> list[Any]:
    """The transforms of a data set's pipeline up to the last that says what poses are given."""
    transforms = dataset.pipeline.transforms
    given = Corruption, Use3DKeypoints
    last = [i + 1 for i, step in enumerate(transforms) if isinstance(step, given)]
    return transforms[: max(last, default=0)]
