"""Mixed precision where MMEngine has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import nn

from mmalign.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Run the forward pass under bfloat16 autocast, on a CPU or an accelerator.

    Upstream's ``AmpOptimWrapper`` asserts an accelerator. bfloat16 has float32's range, so no loss
    scaling is needed; weights, gradients and optimizer state stay float32. On a CPU without
    bfloat16 instructions (AVX512-BF16, AMX) it would be slower than float32: there it does nothing,
    and says so.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.device_type = get_device().split(":")[0]
        self.enabled = self.device_type != "cpu" or cpu_has_bfloat16()
        if not self.enabled:
            print_log("this CPU has no bfloat16 instructions: training in float32", "current")

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter autocast, and what `OptimWrapper` enters for gradient accumulation."""
        autocast = torch.autocast(self.device_type, torch.bfloat16, enabled=self.enabled)
        with super().optim_context(model), autocast:
            yield


def cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices in hardware."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in checks)
