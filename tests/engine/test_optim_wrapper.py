"""Mixed precision on a CPU: where it has bfloat16, and only there."""

import pytest
import torch

from mmalign.engine import BFloat16OptimWrapper, optim_wrapper


@pytest.mark.skipif(torch.cuda.is_available(), reason="looks at the CPU's fallback")
@pytest.mark.parametrize(("has", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_forward_runs_in_what_the_cpu_has(monkeypatch, has, dtype):
    monkeypatch.setattr(optim_wrapper, "cpu_has_bfloat16", lambda: has)
    model = torch.nn.Linear(4, 4)
    wrapper = BFloat16OptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    with wrapper.optim_context(model):
        out = model(torch.ones(1, 4))
    assert out.dtype == dtype
    before = model.weight.detach().clone()
    wrapper.update_params(out.float().sum())
    assert model.weight.dtype == torch.float32
    assert not torch.equal(model.weight, before)
