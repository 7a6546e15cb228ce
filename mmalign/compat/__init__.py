"""Work-arounds for upstream defects, each with its reason; a test shows that each is needed."""

from mmalign.compat.checkpoint import read_checkpoint
from mmalign.compat.distributed import prepare_cpu_processes
from mmalign.compat.files import AtomicLocalBackend
from mmalign.compat.memory import keep_freed_memory
from mmalign.compat.message_hub import restore_history, to_plain
from mmalign.compat.runner import build_runner

__all__ = [
    "AtomicLocalBackend",
    "build_runner",
    "keep_freed_memory",
    "prepare_cpu_processes",
    "read_checkpoint",
    "restore_history",
    "to_plain",
]
