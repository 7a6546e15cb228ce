"""A picture of the alignment beside the scalars of every evaluation."""

from __future__ import annotations

from typing import Any

from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmalign.registry import HOOKS


@HOOKS.register_module()
class AlignmentImageHook(Hook):
    """Draw how the first validation clips align, after every validation and every test.

    The similarity matrices of the first pairs of whole clips, each with its path, go to the
    runner's visualizer: TensorBoard shows them as ``alignment``, the folder ``vis_image`` has them
    as PNG files. Costs some hundredths of a second per evaluation.

    Args:
        num_pairs: how many pairs are drawn.
    """

    # After the evaluation's own figures are logged.
    priority = "VERY_LOW"

    def __init__(self, num_pairs: int = 3) -> None:
        self.num_pairs = num_pairs

    def after_val_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Draw the validation's clips; the step is the number of epochs trained."""
        self._draw(runner, runner.val_loop.evaluator, runner.epoch)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Draw the test's clips."""
        self._draw(runner, runner.test_loop.evaluator, 0)

    def _draw(self, runner: Runner, evaluator: Evaluator, step: int) -> None:
        # Imported here: a training without evaluation needs no drawing.
        from mmalign.evaluation import AlignmentMetric
        from mmalign.visualization.alignment_map import draw_alignment_maps

        if not is_main_process():
            return
        for metric in evaluator.metrics:
            if isinstance(metric, AlignmentMetric) and len(metric.clips.val) > 1:
                clips = [clip.embedding for clip in metric.clips.val[: self.num_pairs + 1]]
                picture = draw_alignment_maps(clips, self.num_pairs)
                runner.visualizer.add_image("alignment", picture, step)
                return
