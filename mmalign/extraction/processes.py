"""Several processes that share the videos.

They compute apart and meet once, at the end: no accelerator takes part in that, so gloo does on
every machine. MMEngine's launcher would want a CUDA device first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from mmengine.device import get_device

from mmalign.errors import InputError

LAUNCHERS = ("none", "pytorch", "slurm")
# Name in torchrun's environment, and in Slurm's.
_NAMES = {"RANK": "SLURM_PROCID", "WORLD_SIZE": "SLURM_NTASKS", "LOCAL_RANK": "SLURM_LOCALID"}
_PORT = "29500"
# One process may have much more to do than another.
_PATIENCE = timedelta(days=30)


@dataclass(frozen=True)
class Process:
    """One of several processes.

    Attributes:
        rank: Its number, from 0.
        count: How many there are.
        local_rank: Its number on its machine.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.count > 1:
            dist.barrier()

    def device(self, wanted: str) -> str:
        """The device of this process: with ``cuda``, the machine's GPUs are dealt out."""
        if wanted != "cuda" or self.count == 1 or get_device() != "cuda":
            return wanted
        return f"cuda:{self.local_rank % torch.cuda.device_count()}"


@contextmanager
def joined_processes(launcher: str) -> Iterator[Process]:
    """Meet the other processes; on leaving, part.

    Args:
        launcher: ``none``, ``pytorch`` (torchrun) or ``slurm`` (srun).

    Yields:
        This process.

    Raises:
        InputError: If the launcher's environment is not there.
    """
    if launcher == "none":
        yield Process()
        return
    names = _NAMES if launcher == "slurm" else {name: name for name in _NAMES}
    missing = [name for name in names.values() if not os.environ.get(name, "").isdecimal()]
    if launcher == "slurm" and not os.environ.get("MASTER_ADDR"):
        missing += [] if os.environ.get("SLURM_LAUNCH_NODE_IPADDR") else ["MASTER_ADDR"]
    if missing:
        raise InputError(
            f"--launcher {launcher}: {', '.join(missing)} is not in the environment; start the"
            f" processes with {'srun' if launcher == 'slurm' else 'tools/dist_extract.sh'}"
        )
    rank, count, local = (int(os.environ[name]) for name in names.values())
    if launcher == "slurm":
        os.environ.setdefault("MASTER_ADDR", os.environ.get("SLURM_LAUNCH_NODE_IPADDR", ""))
        os.environ.setdefault("MASTER_PORT", _PORT)
    dist.init_process_group("gloo", rank=rank, world_size=count, timeout=_PATIENCE)
    try:
        yield Process(rank, count, local)
    finally:
        dist.destroy_process_group()
