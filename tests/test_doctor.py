"""The doctor finds what is broken and names the command that mends it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmalign import doctor
from mmalign.extraction.backends.blaze import weights


@pytest.fixture
def versions(monkeypatch) -> dict[str, str | None]:
    """Pretend that packages have other versions, or (``None``) are not installed."""
    pretended: dict[str, str | None] = {}
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: pretended.get(name, real(name)))
    return pretended


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


def test_blazepose_is_described(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    assert f"will be fetched to {tmp_path}/models" in doctor.describe_blazepose()
    monkeypatch.setattr(weights, "WEIGHTS", {"a": hashlib.sha256(b"network").hexdigest()})
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.tflite").write_bytes(b"network")
    assert doctor.describe_blazepose() == "BlazePose's weights: here"


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
