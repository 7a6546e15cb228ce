"""Several processes on CPUs.

Upstream (MMEngine 0.10.7) selects a CUDA device in its launcher before anything else, and gives the
model wrapper that device's index: both fail where there is no accelerator.
"""

from __future__ import annotations

import os

import torch.distributed
from mmengine.config import Config
from mmengine.device import get_device

from mmalign.errors import InputError

_TORCHRUN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def prepare_cpu_processes(cfg: Config, launcher: str) -> None:
    """Start the process group over gloo where there is no accelerator; elsewhere do nothing.

    To be called before the Runner is built, which then finds the group started.

    Args:
        cfg: The run's config; ``model_wrapper_cfg`` is set, unless the config has one.
        launcher: ``none``, ``pytorch`` (torchrun), ``slurm`` or ``mpi``.

    Raises:
        InputError: If the processes were not started by torchrun.
    """
    if launcher == "none" or get_device() != "cpu":
        return
    missing = [name for name in _TORCHRUN if name not in os.environ]
    if launcher != "pytorch" or missing:
        raise InputError(
            f"--launcher {launcher}: on CPUs the processes are started by torchrun, whose"
            f" environment is not here ({', '.join(missing) or 'launcher'}); use"
            " tools/dist_train.sh or tools/dist_test.sh"
        )
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo")
    if cfg.get("model_wrapper_cfg") is None:
        cfg.model_wrapper_cfg = {
            "type": "MMDistributedDataParallel",
            "device_ids": None,
            "broadcast_buffers": False,
            "find_unused_parameters": cfg.get("find_unused_parameters", False),
        }
