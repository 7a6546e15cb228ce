"""Building runners, several in one process too.

Upstream (MMEngine 0.10.7) names a run by the config's name and the second it began in, and keeps
its logger, message hub and visualizer in global tables under that name: two runs begun in one
second share them, so that the second one's logs and scalars end up in the first one's folder. It
also prints pages on the environment, the hooks and the config before the first step, and what of
its own code will change; they belong in the log file.
"""

from __future__ import annotations

import logging
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from mmalign.compat.distributed import prepare_cpu_processes
from mmalign.fileio import told_where_writing_fails

LONGEST = 5  # lines of a message on the console
# Beginnings of messages on MMEngine's own affairs, which a user can do nothing about.
_INTERNAL = ("Distributed training is not used", '"FileClient" will be', '"HardDiskBackend" is the')

_runs = count(1)


def _is_of_use(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    short = record.levelno > logging.INFO or message.count("\n") < LONGEST
    return short and not message.startswith(_INTERNAL)


class _Runner(Runner):
    """Keeps messages of many lines, and on MMEngine itself, off the console, not out of the log."""

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            # File handlers are stream handlers too.
            if type(handler) is logging.StreamHandler:
                handler.addFilter(_is_of_use)
        return logger


def build_runner(cfg: Config, launcher: str = "none") -> Runner:
    """Build a runner whose name no other run of this process has.

    Args:
        cfg: A complete config. ``launcher``, ``experiment_name`` and, for several processes on
            CPUs, ``model_wrapper_cfg`` are set in it.
        launcher: How the processes were started: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Returns:
        The runner.

    Raises:
        WriteError: If nothing can be written to ``work_dir``.
    """
    # Upstream fails with a traceback.
    with told_where_writing_fails(cfg.work_dir):
        Path(cfg.work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cfg.work_dir).close()
    cfg.launcher = launcher
    prepare_cpu_processes(cfg, launcher)
    number = next(_runs)
    if number > 1:
        name = cfg.get("experiment_name") or Path(cfg.filename or "run").stem
        cfg.experiment_name = f"{name}_{number}"
    return _Runner.from_cfg(cfg)
