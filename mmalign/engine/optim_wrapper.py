"""Mixed precision where MMEngine has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn

from mmalign.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Run the forward pass under bfloat16 autocast, on a CPU or an accelerator.

    Upstream's ``AmpOptimWrapper`` asserts an accelerator. bfloat16 has float32's range, so no loss
    scaling is needed; weights, gradients and optimizer state stay float32. On a CPU it pays only
    where the CPU has bfloat16 instructions (AVX512-BF16, AMX).
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter autocast, and what `OptimWrapper` enters for gradient accumulation."""
        device = get_device().split(":")[0]
        with super().optim_context(model), torch.autocast(device, dtype=torch.bfloat16):
            yield
