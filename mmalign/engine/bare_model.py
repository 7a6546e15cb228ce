"""The model of a runner, whatever runs it."""

from __future__ import annotations

from typing import Any

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner


def bare_model(runner: Runner) -> Any:
    """The runner's model without the wrapper that several processes put round it."""
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
