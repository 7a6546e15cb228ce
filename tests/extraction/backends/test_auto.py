"""``--backend auto``: the best estimator that works here, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmalign.errors import InputError
from mmalign.extraction.backends import auto
from mmalign.extraction.backends.auto import MMPOSE_WEIGHTS, choose_backend
from mmalign.extraction.backends.catalogue import BACKENDS

PACKAGES = {
    "mmpose": ("mmpose", "mmdet"),
    "rtmlib": ("rtmlib", "onnxruntime"),
    "blazepose": ("ai_edge_litert",),
}


class Machine:
    """What is installed, and whose weights are here or can be fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packages: set[str] = set()
        self.fetched: list[str] = []
        self.weights: set[str] = set()

    def install(self, *backends: str, weights: tuple[str, ...] = ()) -> None:
        self.packages |= {package for name in backends for package in PACKAGES[name]}
        self.weights |= {*weights}
        for name in {*weights} & {*MMPOSE_WEIGHTS}:
            path = self.folder / "hub" / "checkpoints" / MMPOSE_WEIGHTS[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def get(self, backend: str, what: str) -> Path:
        self.fetched.append(what)
        if backend not in self.weights:
            raise InputError(f"{what} cannot be fetched")
        return self.folder / what

    def find(self, backend: str) -> Path | None:
        return self.folder if backend in self.weights else None


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(auto, "_installed", lambda *names: {*names} <= made.packages)
    monkeypatch.setattr(auto, "published_onnx", lambda part, size: made.get("rtmlib", size))
    monkeypatch.setattr(auto, "get_weights", lambda name: made.get("blazepose", name))
    monkeypatch.setattr(auto, "find_onnx", lambda part, size: made.find("rtmlib"))
    monkeypatch.setattr(auto, "find_weights", lambda name: made.find("blazepose"))
    return made


ALL = ("mmpose", "rtmlib", "blazepose")


def test_mmpose_with_weights_goes_first(machine: Machine) -> None:
    machine.install(*ALL, weights=("rtmpose-m", "rtmdet-m", "rtmlib", "blazepose"))
    taken = choose_backend()
    assert (taken.backend, taken.model, taken.detector, taken.skeleton) == (
        "mmpose", None, "rtmdet-m", None,
    )  # fmt: skip
    assert str(taken) == "--backend auto takes mmpose (weights of rtmpose-m and rtmdet-m)"
    assert not machine.fetched


def test_mmpose_without_the_detectors_weights(machine: Machine) -> None:
    machine.install("mmpose", weights=("rtmpose-m",))
    assert choose_backend().detector is None


def test_rtmpose_by_rtmlib_comes_next(machine: Machine) -> None:
    machine.install(*ALL, weights=("rtmdet-m", "rtmlib", "blazepose"))
    taken = choose_backend(device="cuda", skeleton="penn13")
    assert (taken.backend, taken.model, taken.detector, taken.skeleton) == (
        "rtmlib", "balanced", "lightweight", "penn13",
    )  # fmt: skip
    assert "mmpose: no weights of rtmpose-m in" in taken.why
    assert machine.fetched == ["balanced", "lightweight"]


def test_then_blazepose_with_the_joints_that_the_others_have(machine: Machine) -> None:
    machine.install("rtmlib", "blazepose", weights=("blazepose",))
    taken = choose_backend()
    assert (taken.backend, taken.model, taken.skeleton) == ("blazepose", None, "coco17")
    assert "rtmlib: balanced cannot be fetched" in taken.why
    assert "mmpose: not installed" in str(taken) and "\n" not in str(taken)
    assert choose_backend(skeleton="penn13").skeleton == "penn13"


def test_mmpose_fetches_its_weights_where_nothing_else_is(machine: Machine) -> None:
    machine.install("mmpose")
    taken = choose_backend()
    assert taken.backend == "mmpose" and "weights will be fetched" in taken.why


@pytest.mark.parametrize(
    ("installed", "weights", "said"),
    [
        (ALL, ("rtmpose-m", "rtmlib"), "takes mmpose (weights of rtmpose-m)"),
        (ALL, ("rtmlib", "blazepose"), "takes rtmlib"),
        (ALL, ("blazepose",), "takes rtmlib if its weights can be fetched, else blazepose"),
        (("blazepose",), ("blazepose",), "takes blazepose"),
        (("blazepose",), (), "takes blazepose if its weights can be fetched"),
        (
            ("mmpose", "rtmlib"),
            (),
            "takes rtmlib if its weights can be fetched,"
            " else mmpose, whose weights must be fetched",
        ),
        ((), (), "finds no pose estimator; install one: pip install -e '.[video]'"),
    ],
)
def test_what_will_be_taken_is_foreseen_and_nothing_fetched(
    machine: Machine, installed: tuple[str, ...], weights: tuple[str, ...], said: str
) -> None:
    machine.install(*installed, weights=weights)
    assert auto.foresee_backend() == f"--backend auto {said}"
    assert not machine.fetched
    # It is the one that is taken, if there is no "if".
    if said.startswith("takes") and "fetched" not in said:
        assert choose_backend().backend == said.split()[1]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_where_none_can_be_used_the_error_says_what_each_lacks(machine, device) -> None:
    machine.install("blazepose")
    with pytest.raises(InputError) as caught:
        choose_backend(device=device)
    text = str(caught.value)
    assert "mmpose: not installed; rtmlib: not installed; blazepose: " in text
    assert ("not on cuda" if device == "cuda" else "pose_detection cannot be fetched") in text
    assert "pip install -e '.[video]'" in text and "\n" not in text


@pytest.mark.parametrize(
    ("options", "backend", "why"),
    [
        ({"model": "a/pose.onnx"}, "rtmlib", "--model a/pose.onnx"),
        ({"model": "balanced"}, "rtmlib", "--model balanced"),
        ({"detector": "det.onnx"}, "rtmlib", "--detector det.onnx"),
        ({"model": "rtmpose-l"}, "mmpose", "--model rtmpose-l"),
        ({"model": "pose.py", "checkpoint": "pose.pth"}, "mmpose", "--model pose.py"),
        ({"checkpoint": "pose.pth"}, "mmpose", "--checkpoint pose.pth"),
        ({"detector": "rtmdet-m"}, "mmpose", "--detector rtmdet-m"),
        ({"skeleton": "hands42"}, "blazepose", "--skeleton hands42"),
        ({"skeleton": "mediapipe33"}, "blazepose", "--skeleton mediapipe33"),
        ({"skeleton": "hands42", "model": "hand"}, "mmpose", "--model hand"),
    ],
)
def test_options_say_whose_networks_they_name(machine, options, backend, why) -> None:
    machine.install(*ALL, weights=("rtmpose-m", "rtmlib", "blazepose"))
    taken = choose_backend(**options)
    assert (taken.backend, taken.why) == (backend, why) and taken.backend in BACKENDS
    assert (taken.model, taken.detector) == (options.get("model"), options.get("detector"))
    assert taken.skeleton == options.get("skeleton") and not machine.fetched


def test_a_package_that_is_broken_is_passed_over(machine: Machine, monkeypatch) -> None:
    machine.install("rtmlib", "blazepose", weights=("blazepose",))

    def broken(part: str, size: str) -> Path:
        raise ImportError("libcudart.so: no such file")

    monkeypatch.setattr(auto, "published_onnx", broken)
    taken = choose_backend()
    assert taken.backend == "blazepose" and "rtmlib: libcudart.so" in taken.why


@pytest.mark.parametrize(("scope", "name"), [("mmpose", "rtmpose-m"), ("mmdet", "rtmdet-m")])
def test_weights_are_those_of_the_indices(scope: str, name: str) -> None:
    pytest.importorskip("mmpose", reason="MMPose is not installed (requirements/mmpose.txt)")
    from mmalign.compat.mmpose import import_mmpose
    from mmalign.extraction.backends.mmpose_models import _find

    import_mmpose()
    found = _find(scope, name)
    assert found.weights is not None and found.weights.endswith(f"/{MMPOSE_WEIGHTS[name]}")
