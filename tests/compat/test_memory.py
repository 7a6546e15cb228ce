"""Freed memory stays in the process: the next large tensor costs no page faults."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import torch
from mmalign.compat import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    torch.ones(20_000_000)
counts = []
for _ in range(5):
    start = faults()
    torch.ones(20_000_000)
    counts.append(faults() - start)
print(sorted(counts)[2])
"""


def page_faults(mode):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True
    )
    return int(run.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tells glibc")
def test_large_tensors_cost_no_page_faults():
    # The median of five tensors: the heap may still grow once.
    assert page_faults("keep") < page_faults("give back") / 10
