"""The alignment's picture beside the figures of an evaluation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.visualization import Visualizer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mmalign.engine.hooks import AlignmentImageHook
from mmalign.evaluation import AlignmentMetric
from mmalign.evaluation.clip import Clip


@pytest.fixture
def runner(tmp_path):
    backends = [dict(type="LocalVisBackend"), dict(type="TensorboardVisBackend")]
    visualizer = Visualizer(vis_backends=backends, save_dir=str(tmp_path))
    metric = AlignmentMetric()
    loop = SimpleNamespace(evaluator=SimpleNamespace(metrics=[object(), metric]))
    return SimpleNamespace(
        visualizer=visualizer, val_loop=loop, test_loop=loop, epoch=7, metric=metric
    )


def test_a_picture_per_evaluation(runner, tmp_path):
    rng = np.random.default_rng(0)
    labels = np.zeros(20, dtype=np.int64)
    runner.metric.clips.val = [Clip(str(i), rng.random((20, 4)), labels, 20) for i in range(5)]
    hook = AlignmentImageHook()
    hook.after_val_epoch(runner)
    hook.after_test_epoch(runner)
    runner.visualizer.close()
    names = {path.name for path in tmp_path.rglob("*.png")}
    assert names == {"alignment_7.png", "alignment_0.png"}
    (events,) = tmp_path.rglob("events.out.tfevents.*")
    shown = EventAccumulator(str(events.parent))
    shown.Reload()
    assert [image.step for image in shown.Images("alignment")] == [7, 0]


def test_nothing_is_drawn_without_two_clips(runner, tmp_path):
    AlignmentImageHook().after_val_epoch(runner)
    assert not list(tmp_path.rglob("*.png"))
