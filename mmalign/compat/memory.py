"""Keeping freed memory in the process while training on a CPU.

glibc gives every large tensor back to the kernel when it is freed, and the next one is paid for
page by page, a good part of a training step. PyTorch caches freed memory on accelerators,
not on CPUs.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # From glibc's malloc.h.


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed for the next allocation.

    The process then holds on to the most it ever used at once.

    Returns:
        Whether it could be told: False off Linux and with another C library.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, 1 << 30))
