"""Two runs in one second do not share their logs; the console gets the short messages."""

from __future__ import annotations

import time
from pathlib import Path

import mmengine.runner.runner as upstream
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmalign.compat import build_runner
from mmalign.errors import WriteError


@pytest.fixture
def one_second(monkeypatch):
    """Stop the clock that MMEngine names its runs by."""
    now = time.localtime()
    monkeypatch.setattr(upstream.time, "localtime", lambda *_: now)


def config(path: Path, work_dir: Path) -> Config:
    cfg = Config.fromfile(str(path))
    cfg.work_dir = str(work_dir)
    return cfg


def test_runs_do_not_share_state(dummy_config: Path, tmp_path: Path, one_second) -> None:
    runners = [build_runner(config(dummy_config, tmp_path / str(i))) for i in range(3)]
    assert len({runner.experiment_name for runner in runners}) == 3
    assert len({id(runner.message_hub) for runner in runners}) == 3
    assert len({id(runner.logger) for runner in runners}) == 3


def test_a_folder_that_cannot_be_written_is_named(
    dummy_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "file/below"):
        with pytest.raises(WriteError, match=f"{name}: cannot be written .*you may write to"):
            build_runner(config(dummy_config, tmp_path / name))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(WriteError, match="x: cannot be written .Permission denied"):
        build_runner(config(dummy_config, tmp_path / "x"))


def test_upstream_still_needs_this(dummy_config: Path, tmp_path: Path, one_second) -> None:
    one, other = (Runner.from_cfg(config(dummy_config, tmp_path / str(i))) for i in range(2))
    assert one.message_hub is other.message_hub


def test_long_messages_go_to_the_log_file_alone(dummy_config, tmp_path, capfd) -> None:
    build_runner(config(dummy_config, tmp_path)).logger.info("a short message")
    console = "".join(capfd.readouterr())
    (log,) = tmp_path.glob("*/*.log")
    assert "a short message" in console and "a short message" in log.read_text()
    assert "System environment" in log.read_text() and "System environment" not in console


def test_messages_on_mmengine_itself_go_to_the_log_file_alone(dummy_config, tmp_path, capfd):
    logger = build_runner(config(dummy_config, tmp_path)).logger
    logger.warning('"FileClient" will be deprecated in future.')
    logger.warning("the loss is not finite")
    console = "".join(capfd.readouterr())
    (log,) = tmp_path.glob("*/*.log")
    assert "FileClient" in log.read_text() and "FileClient" not in console
    assert "the loss is not finite" in console
