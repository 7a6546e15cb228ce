"""Two views of one sequence: what self-supervision compares."""

from __future__ import annotations

from typing import Any

from mmcv.transforms import BaseTransform, Compose

from mmalign.registry import TRANSFORMS


@TRANSFORMS.register_module()
class TwoViews(BaseTransform):
    """Run two pipelines on the same sequence, each with its own stream of random numbers.

    Required keys: ``rng`` and what the pipelines require.

    Added keys: ``views``, a list with the results of each pipeline.

    Args:
        view0: transforms of the view that stays as it is (the paper's H).
        view1: transforms of the augmented view (H').
        shared: transforms that come before both.
    """

    def __init__(self, view0: list[dict], view1: list[dict], shared: list[dict] = ()) -> None:  # type: ignore[assignment]
        self.shared = Compose([TRANSFORMS.build(step) for step in shared])
        self.pipelines = [
            Compose([TRANSFORMS.build(step) for step in view]) for view in (view0, view1)
        ]

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add ``views``."""
        results = self.shared(dict(results))
        rngs = results["rng"].spawn(len(self.pipelines))
        views = [
            pipeline(dict(results, rng=rng))
            for pipeline, rng in zip(self.pipelines, rngs, strict=True)
        ]
        return dict(results, views=views)
