"""Checkpoints that a loader which runs no code can read back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

# Importing mmalign.compat also puts the safe loader in the place of MMEngine's.
from mmalign.compat import restore_history, to_plain
from mmalign.engine.bare_model import bare_model
from mmalign.engine.hooks.divergence import not_finite
from mmalign.errors import InputError
from mmalign.models.aligner import BaseAligner
from mmalign.models.losses.build import rename_old_weights
from mmalign.models.readout import ActionReadouts
from mmalign.registry import HOOKS


@HOOKS.register_module()
class CheckpointStateHook(Hook):
    """Write checkpoints as tensors and plain containers, restore objects on loading, and check.

    * Saving: ``HistoryBuffer`` objects, numpy values and other objects become plain; an entry of
      ``meta`` or of the message hub that cannot is left out with a warning.
    * Loading: histories become ``HistoryBuffer`` again. Weights that are not finite are an error;
      so are weights that do not fit the model when resuming, and when none of them fits; MMEngine
      would only warn. The readouts of actions, which come with the end of training, are those of
      the checkpoint.
    """

    # The last to see a checkpoint before it is written, whatever other hooks put into it.
    priority = "LOWEST"

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Make ``checkpoint`` plain, in place."""
        for key in set(checkpoint) - {"state_dict", "meta", "message_hub"}:
            checkpoint[key] = to_plain(checkpoint[key], key)
        checkpoint["meta"] = self._plain_entries(runner, checkpoint["meta"], "meta")
        checkpoint["message_hub"] = {
            key: self._plain_entries(runner, entries, f"message_hub.{key}")
            for key, entries in checkpoint["message_hub"].items()
        }

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Restore histories, in place, and check the weights against the model.

        Raises:
            InputError: If the checkpoint cannot be resumed from, or belongs to another model.
        """
        path = str(runner._load_from or "checkpoint")
        if runner._resume:
            missing = {"meta", "message_hub", "optimizer", "state_dict"} - set(checkpoint)
            if missing:
                raise InputError(
                    f"{path}: has no {', '.join(sorted(missing))}, so training cannot be resumed"
                    " from it; use --load-from to start from its weights"
                )
            self._adopt_metainfo(runner, checkpoint["meta"])
        if "message_hub" in checkpoint:
            hub = checkpoint["message_hub"]
            hub["log_scalars"] = restore_history(hub["log_scalars"])
        model = bare_model(runner)
        weights = {
            name.removeprefix("module."): weight
            for name, weight in checkpoint.get("state_dict", checkpoint).items()
        }
        if isinstance(model, BaseAligner):
            rename_old_weights(weights)
        for prefix, module in list(model.named_modules()):
            if isinstance(module, ActionReadouts):
                start = f"{prefix}."
                module.make_room(n[len(start) :] for n in weights if n.startswith(start))
        check_weights(weights, model.state_dict(), path, exactly=runner._resume)
        # Parameters only: a buffer may hold NaN until it is fitted.
        bad = not_finite({n: weights[n] for n, _ in model.named_parameters() if n in weights})
        if bad:
            raise InputError(
                f"{path}: {len(bad)} of its weights, such as {bad[0]}, are NaN or infinite, as its"
                " training has diverged; use an earlier checkpoint, with a lower learning rate"
            )

    @staticmethod
    def _adopt_metainfo(runner: Runner, meta: dict[str, Any]) -> None:
        """Keep MMEngine from warning of a different data set: it compares pickled bytes."""
        current = getattr(runner.train_dataloader.dataset, "metainfo", None)
        if current is not None and to_plain(current) == meta.get("dataset_meta"):
            meta["dataset_meta"] = current

    @staticmethod
    def _plain_entries(runner: Runner, entries: dict[str, Any], name: str) -> dict[str, Any]:
        plain = {}
        for key, value in entries.items():
            try:
                plain[key] = to_plain(value, f"{name}[{key!r}]")
            except TypeError as error:
                runner.logger.warning(f"left out of the checkpoint: {error}")
        return plain


def check_weights(
    weights: dict[str, torch.Tensor],
    expected: dict[str, torch.Tensor],
    path: str,
    *,
    exactly: bool,
) -> None:
    """Check a checkpoint's weights against a model's.

    Args:
        weights: Of the checkpoint; a prefix ``module.`` is ignored, as MMEngine does.
        expected: The model's ``state_dict``.
        path: What to call the checkpoint in the error.
        exactly: Whether every name and shape must agree, or one of them is enough where no other
            name has another shape.

    Raises:
        InputError: If they do not.
    """
    found = {name.removeprefix("module."): tuple(w.shape) for name, w in weights.items()}
    wanted = {name: tuple(w.shape) for name, w in expected.items()}
    reshaped = [name for name in wanted if name in found and found[name] != wanted[name]]
    partly = not exactly and not reshaped and bool(found.keys() & wanted.keys())
    if found == wanted or partly:
        return
    parts = [
        _list("lacks", wanted.keys() - found.keys()),
        _list("has besides", found.keys() - wanted.keys()),
        *(f"has {n} of shape {found[n]} for {wanted[n]}" for n in sorted(reshaped)[:2]),
    ]
    raise InputError(
        f"{path}: not this model's weights (it {'; '.join(part for part in parts if part)});"
        " use the config that the checkpoint was trained with"
    )


def _list(verb: str, names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{verb} {', '.join(names[:2])}{more}" if names else ""
