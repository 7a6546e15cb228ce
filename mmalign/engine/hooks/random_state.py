"""An interrupted and resumed run equals the uninterrupted one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmalign.registry import HOOKS

RandomState = dict[str, Any]
KEY = "random_states"


def capture_random_state() -> RandomState:
    """Return the state of every global generator (torch, CUDA, numpy, Python), plain."""
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002
    state: RandomState = {
        "torch": torch.get_rng_state(),
        "numpy": [str(name), np.asarray(keys).tolist(), *rest],
        "python": list(random.getstate()),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def restore_random_state(state: RandomState) -> None:
    """Put every global generator back to what `capture_random_state` returned."""
    # A resuming runner maps the whole checkpoint to its device; generators take CPU bytes.
    torch.set_rng_state(state["torch"].cpu())
    np.random.set_state(tuple(state["numpy"]))  # noqa: NPY002
    version, inner, gauss = state["python"]
    random.setstate((version, tuple(inner), gauss))
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"].cpu())


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Keep the global generators in the checkpoint, and put them back on resuming.

    Two things besides the training steps draw from the global generators: a loader each time that
    it starts to iterate (not so with persistent workers), and validation. A resumed run starts the
    loader once more and skips the validation that followed its checkpoint, so the hook makes
    both leave no trace.

    With several processes, each one's state is kept.
    """

    # Before CheckpointHook (VERY_LOW) saves, and after whatever else may draw at the epoch's end.
    priority = "LOW"

    def __init__(self) -> None:
        self._resumed: list[RandomState] | None = None
        self._at_epoch_start: RandomState | None = None
        self._before_val: RandomState | None = None
        self._to_save: list[RandomState] | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Remember the saved states; only a resuming run uses them."""
        self._resumed = checkpoint.get(KEY) if runner._resume else None

    def before_train_epoch(self, runner: Runner) -> None:
        """Remember the state that the loader is about to disturb."""
        self._to_save = None
        self._at_epoch_start = capture_random_state()

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Before an epoch's first step, undo what starting the loader has drawn."""
        state, self._at_epoch_start = self._at_epoch_start, None
        if self._resumed is not None:
            # A run resumed by another number of processes has no state of its own to go on from.
            if len(self._resumed) == get_world_size():
                state = self._resumed[get_rank()]
            self._resumed = None
        if state is not None:
            restore_random_state(state)

    def after_train_epoch(self, runner: Runner) -> None:
        """Gather all processes' states for the checkpoint, which one process writes."""
        self._to_save = all_gather_object(capture_random_state())

    def before_val(self, runner: Runner) -> None:
        """Set the training's state aside during validation."""
        self._before_val = capture_random_state()
        if self._to_save is None:
            self._to_save = all_gather_object(self._before_val)

    def after_val(self, runner: Runner) -> None:
        """Go on as if no validation had been."""
        if self._before_val is not None:
            restore_random_state(self._before_val)
        self._before_val = self._to_save = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Write the states that the next training step starts from."""
        checkpoint[KEY] = self._to_save or [capture_random_state()]
