"""The doctor finds what is broken and names the command that mends it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmalign import doctor
from mmalign.extraction.backends import auto
from mmalign.extraction.backends.blaze import interpreter, weights


@pytest.fixture
def versions(monkeypatch) -> dict[str, str | None]:
    """Pretend that packages have other versions, or (``None``) are not installed."""
    pretended: dict[str, str | None] = {}
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: pretended.get(name, real(name)))
    return pretended


@pytest.fixture(autouse=True)
def without_pip(monkeypatch) -> None:
    """Nobody asks pip's index whether it has BlazePose's weights."""
    monkeypatch.setattr(weights, "can_be_fetched", lambda: True)


def test_this_environment_is_healthy(capsys) -> None:
    assert doctor.main([]) == 0
    out = capsys.readouterr().out
    assert "FAIL" not in out
    assert "extra tests: running the tests and the checks: works" in out


@pytest.mark.parametrize(
    ("package", "version", "found"),
    [
        ("numpy", "2.1.0", "2.1.0, expected below 2: MMAction2 uses names"),
        ("setuptools", "82.0.1", "expected below 81: MMEngine imports pkg_resources"),
        ("mmcv-lite", "2.2.0", "expected below 2.2: MMAction2 refuses"),
        ("einops", None, "not installed"),
    ],
)
def test_broken_core(versions, capsys, package, version, found) -> None:
    versions[package] = version
    assert doctor.main([]) == 1
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith(f"  FAIL  {package}"))
    assert found in line
    assert "mend it with: pip install -e ." in out
    assert out.endswith("something that is needed fails\n")


def test_full_mmcv_serves_as_well(versions, capsys) -> None:
    versions.update({"mmcv-lite": None, "mmcv": "2.1.0"})
    assert doctor.main([]) == 0
    assert "mmcv             2.1.0" in capsys.readouterr().out


def test_package_that_is_installed_but_does_not_import(versions, monkeypatch, tmp_path) -> None:
    (tmp_path / "broken_package.py").write_text("raise OSError('libtorch.so: no such file\\nxx')")
    monkeypatch.syspath_prepend(tmp_path)
    versions["broken-package"] = "1.0"
    package = doctor.Package("broken_package", ("broken-package",))
    check = doctor.check_package(package, "pip install x")
    assert not check.ok
    assert check.found == "1.0, but `import broken_package`: OSError: libtorch.so: no such file"
    assert "mend it with: pip install x" in str(check)


def test_torchvision_beside_another_torch(versions, monkeypatch, tmp_path, capsys) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    versions["torchvision"] = "0.28.0"
    assert doctor.main([]) == 1
    assert "mend it with: pip uninstall -y torchvision" in capsys.readouterr().out


def test_missing_extra_fails_only_if_needed(versions, capsys) -> None:
    versions.update(dict.fromkeys(["rtmlib", "onnxruntime"]))
    assert doctor.main([]) == 0
    assert "add it with: pip install -e '.[pose]'" in capsys.readouterr().out
    assert doctor.main(["--need", "pose"]) == 1


def test_mmpose_is_described(versions) -> None:
    versions.update({"mmpose": "1.3.2", "mmdet": None})
    assert "pip install --no-deps -r requirements/mmpose.txt" in doctor.describe_mmpose()
    versions["mmdet"] = "3.3.0"
    assert "mmpose 1.3.2, mmdet 3.3.0: " in doctor.describe_mmpose()


@pytest.fixture
def cache(monkeypatch, tmp_path: Path, versions: dict[str, str | None]) -> Path:
    """An empty cache in the place of the user's, and LiteRT, be it installed or not."""
    versions["ai-edge-litert"] = "2.1.6"
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_blazepose_without_its_weights(cache: Path, monkeypatch) -> None:
    fetched = f"BlazePose: works; pip fetches its weights (36 MB) to {cache} when first needed"
    assert doctor.describe_blazepose() == fetched
    monkeypatch.setattr(weights, "can_be_fetched", lambda: False)
    said = doctor.describe_blazepose()
    assert f"not in {cache}, and pip finds them nowhere" in said and weights.COMMAND in said


def test_blazepose_without_litert(cache: Path, versions) -> None:
    versions["ai-edge-litert"] = None
    assert "add it with: pip install -e '.[video]'" in doctor.describe_blazepose()


def test_blazepose_is_tried_by_its_own_weights(cache: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights, "WEIGHTS", {"a": hashlib.sha256(b"network").hexdigest()})
    (cache / "a.tflite").write_bytes(b"network")
    loaded: list[bytes] = []
    monkeypatch.setattr(interpreter, "Network", loaded.append)
    assert doctor.describe_blazepose() == "BlazePose: works"
    assert loaded == [b"network"]

    def broken(content: bytes) -> None:
        raise ImportError("libstdc++.so.6: no such file")

    monkeypatch.setattr(interpreter, "Network", broken)
    said = "BlazePose: ImportError: libstdc++.so.6: no such file; mend it with: pip install --force"
    assert doctor.describe_blazepose().startswith(said)


def test_what_auto_takes_is_said(monkeypatch, capsys) -> None:
    monkeypatch.setattr(auto, "foresee_backend", lambda: "--backend auto takes it")
    assert doctor.main([]) == 0
    assert "\n        mmalign align VIDEO: --backend auto takes it\n" in capsys.readouterr().out


def test_it_runs_where_nothing_is_installed(repo: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(repo)!r}); from mmalign.doctor import main; main()"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "FAIL  torch            not installed" in done.stdout


def test_every_extra_of_setup_is_examined(repo: Path) -> None:
    text = (repo / "setup.py").read_text()
    for extra, (_, packages) in doctor.EXTRAS.items():
        assert f'"{extra}": [' in text
        for package in packages:
            assert re.search(rf'"{package.distributions[0]}["<>=]', text)
