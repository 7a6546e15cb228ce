"""The config a checkpoint carries is read, never run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.config import Config

from mmalign.compat.checkpoint_config import config_of, require_registered
from mmalign.errors import InputError


def read(text: object) -> dict:
    return config_of({"meta": {"cfg": text}}, "a.pth")


@pytest.mark.parametrize("name", ["la2ds_toy", "la2ds_penn_action", "la2ds_h2o"])
def test_what_mmengine_writes_is_read_back(name: str, repo) -> None:
    cfg = Config.fromfile(str(repo / "configs" / f"{name}.py"))
    assert read(cfg.pretty_text) == cfg.to_dict()


def test_odd_keys_and_values() -> None:
    cfg = Config(dict(a={"not a name": [1, -2.5e-7, None, True], "b": (1, "x")}, c="text\nlines"))
    assert read(cfg.pretty_text) == cfg.to_dict()


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "x = __import__('os').system('touch owned')",
        "x = dict(a=open('/etc/passwd'))",
        "x = [print(1)]",
        "x = dict(*[1])",
        "x = dict(**y)",
        "x = 'a' * 10 ** 9",
        "x.y = 1",
        "x = y = 1",
        "x += 1",
        "x = lambda: 1",
        "x = {**{}}",
        "x = {(1).real: 1}",
        "x = (",
        "x = " + "[" * 5000 + "]" * 5000,
        "x = \0",
    ],
)
def test_anything_else_is_refused_unrun(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("executed")

    monkeypatch.setattr("os.system", forbidden)
    with pytest.raises(InputError, match=r"a\.pth: the config it carries is refused"):
        read(text)


@pytest.mark.parametrize("meta", [None, {}, {"cfg": 3}, []])
def test_no_config(meta: object) -> None:
    with pytest.raises(InputError, match=r"carries no config.*--config"):
        config_of({"meta": meta}, "a.pth")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_only_input_errors_come_out(text: str) -> None:
    try:
        assert isinstance(read(text), dict)
    except InputError as error:
        assert "a.pth" in str(error)


@pytest.mark.parametrize("kind", ["os.system", "mmalign.Aligner", "Other", 3, dict(type="Good")])
def test_types_that_are_not_registered_are_refused(kind: object) -> None:
    require_registered([dict(type="Good", inner=[dict(x=dict(type="Good"))])], {"Good"}, "a.pth")
    with pytest.raises(InputError, match=r"a\.pth.*no class of mmalign"):
        require_registered(dict(type="Good", inner=[dict(x=dict(type=kind))]), {"Good"}, "a.pth")
