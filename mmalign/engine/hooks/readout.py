"""The readouts of embeddings, fitted when training ends."""

from __future__ import annotations

import numpy as np
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner

from mmalign.engine.bare_model import bare_model
from mmalign.engine.hooks.training_clips import TrainingClips
from mmalign.errors import InputError
from mmalign.registry import HOOKS


@HOOKS.register_module()
class ReadoutHook(Hook):
    """After the last epoch, before its checkpoint is written, fit the model's readouts.

    See :class:`~mmalign.models.readout.Readout`. All training clips are embedded whole; their
    labels are not used. Where they show several actions, a model with ``action_readouts`` gets one
    for each, fitted to its clips. Beside an ``EMAHook`` the averaged weights embed them, and keep
    the readouts.

    Args:
        pipeline: transforms of a whole clip: those of the evaluation.
        batch_size: clips that are embedded at once.
    """

    priority = "LOW"

    def __init__(self, pipeline: list[dict], batch_size: int = 16) -> None:
        self.clips = TrainingClips(pipeline, batch_size)

    def before_train(self, runner: Runner) -> None:
        """Check the model, and forget what an earlier end of training has found.

        Raises:
            InputError: If it has no readout.
        """
        model = bare_model(runner)
        if getattr(model, "readout", None) is None:
            raise InputError(
                "ReadoutHook: the model has no readout; give an EnsembleAligner one, or leave the"
                " hook out"
            )
        for one in (model, *(hook.ema_model.module for hook in _averaging(runner))):
            one.readout.fitted.fill_(False)

    def after_train_epoch(self, runner: Runner) -> None:
        """Fit them, in the last epoch.

        Raises:
            InputError: If the training clips have a single frame in all.
        """
        if not self.is_last_train_epoch(runner):
            return
        averaging = _averaging(runner)
        for hook in averaging:
            hook.before_val_epoch(runner)
        clips = self.clips.embed(runner)
        for hook in averaging:
            hook.after_val_epoch(runner)
        frames = {action: np.concatenate(list(found.values())) for action, found in clips.items()}
        model = bare_model(runner)
        all_frames = np.concatenate(list(frames.values()))
        if len(all_frames) < 2:
            raise InputError(
                "ReadoutHook: the training clips have 1 frame in all, which no readout can be"
                " fitted to; add clips, or leave the hook out"
            )
        model.readout.fit(all_frames)
        of_action = getattr(model, "action_readouts", None)
        if of_action is not None:
            of_action.fit(frames if len(frames) > 1 else {})
        for hook in averaging:
            averaged = hook.ema_model.module
            averaged.readout, averaged.action_readouts = model.readout, of_action


def _averaging(runner: Runner) -> list[EMAHook]:
    return [hook for hook in runner.hooks if isinstance(hook, EMAHook)]
