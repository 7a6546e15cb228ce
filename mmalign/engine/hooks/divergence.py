"""Training stops where it has diverged, before its weights reach a checkpoint."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.optim import AmpOptimWrapper
from mmengine.runner import Runner

from mmalign.engine.bare_model import bare_model
from mmalign.errors import InputError
from mmalign.registry import HOOKS


@HOOKS.register_module()
class DivergenceHook(Hook):
    """Stop training at the step at which the loss or the norm of the gradients is not finite.

    Both are on the host already, as MMEngine has logged them. Weights are looked at once an epoch
    and before each checkpoint, so that none is overwritten with what cannot be trained on.
    """

    def after_train_iter(self, runner: Runner, *_: Any, **__: Any) -> None:
        """Check the step's loss, and its gradients' norm where they are clipped.

        Raises:
            InputError: If one of them is not finite.
        """
        names = {"loss": "the loss"}
        # The scaler of float16 skips steps whose gradients overflow, and goes on.
        if not isinstance(runner.optim_wrapper, AmpOptimWrapper):
            names["grad_norm"] = "the gradients' norm"
        for key, name in names.items():
            history = runner.message_hub.log_scalars.get(f"train/{key}")
            if history is not None and not math.isfinite(value := history.current()):
                raise _diverged(runner, f"{name} is {value} at step {runner.iter + 1}")

    def after_train_epoch(self, runner: Runner) -> None:
        """Check the weights, before an older checkpoint makes room for them.

        Raises:
            InputError: If one of them is not finite.
        """
        bad = not_finite(dict(bare_model(runner).named_parameters()))
        if bad:
            raise _diverged(
                runner, f"{len(bad)} weights, such as {bad[0]}, are NaN or infinite by step"
                f" {runner.iter}"
            )  # fmt: skip

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Check the weights.

        Raises:
            InputError: If one of them is not finite.
        """
        self.after_train_epoch(runner)


def not_finite(weights: dict[str, torch.Tensor]) -> list[str]:
    """Names of the tensors that hold NaN or infinity, with one look at the device."""
    names = list(weights)
    if not names:
        return []
    finite = torch.stack([torch.isfinite(weights[name]).all() for name in names]).tolist()
    return [name for name, good in zip(names, finite, strict=True) if not good]


def _diverged(runner: Runner, found: str) -> InputError:
    last = runner.message_hub.runtime_info.get("last_ckpt")
    where = (
        f"the last good checkpoint is {Path(last)}" if last else "no checkpoint was written before"
    )
    return InputError(
        f"{runner.work_dir}: training has diverged: {found}, expected finite numbers; lower the"
        f" learning rate (optim_wrapper.optimizer.lr), or clip gradients; {where}"
    )
