"""The batched path gives what MMPose and MMDetection give frame by frame.

The networks have random weights: which numbers come out does not matter, only that they are the
same.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("mmpose", reason="MMPose is not installed (requirements/mmpose.txt)")
pytest.importorskip("mmdet", reason="MMDetection is not installed (requirements/mmpose.txt)")

from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmalign.compat.mmpose import import_mmpose
from mmalign.errors import InputError
from mmalign.extraction.backends import mmpose as backend_module
from mmalign.extraction.backends import rtmlib as rtmlib_module
from mmalign.extraction.backends.catalogue import build_backend
from mmalign.extraction.backends.mmpose_models import _find, _for_test, _registry

# MMPose's RTMO-s, but for small images.
RTMO = """
_base_ = "mmpose::body_2d_keypoint/rtmo/coco/rtmo-s_8xb32-600e_coco-640x640.py"
test_dataloader = dict(dataset=dict(pipeline=[
    dict(type="LoadImage"),
    dict(type="BottomupResize", input_size=(96, 96), pad_val=(114, 114, 114)),
    dict(type="PackPoseInputs", meta_keys=("id", "img_id", "img_path", "ori_shape", "img_shape",
                                           "input_size", "input_center", "input_scale")),
]))
"""


def save_random(scope: str, config: Config, path: Path, gain: float = 1.4) -> str:
    """Weights of an untrained network, of a size at which all parts have a say."""
    torch.manual_seed(3)
    with DefaultScope.overwrite_default_scope(scope):
        network = _registry(scope).build(_for_test(config))
    for weights in network.parameters():
        if weights.dim() > 1:
            torch.nn.init.xavier_normal_(weights, gain)
    classes = {"dataset_meta": {"classes": ("person",)}} if scope == "mmdet" else {}
    torch.save({"state_dict": network.state_dict(), "meta": classes}, path)
    return str(path)


@pytest.fixture(scope="module")
def files(repo, tmp_path_factory) -> dict[str, str]:
    import_mmpose()
    folder = tmp_path_factory.mktemp("networks")
    configs = {
        "model": repo / "configs/pose/toy_rtmpose_tiny.py",
        "detector": repo / "configs/pose/toy_rtmdet_nano.py",
    }
    weights = {
        "checkpoint": save_random("mmpose", Config.fromfile(configs["model"]), folder / "p.pth"),
        "detector_checkpoint": save_random(
            "mmdet", Config.fromfile(configs["detector"]), folder / "d.pth"
        ),
    }
    return {**{name: str(path) for name, path in configs.items()}, **weights}


@pytest.fixture(scope="module")
def backend(files):
    return build_backend("mmpose", **files, batch_size=4)


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (5, 12, 16, 3), dtype=np.uint8)
    return [*small.repeat(15, axis=1).repeat(15, axis=2)]


@pytest.fixture(scope="module")
def boxes() -> list[np.ndarray]:
    box = np.array([[20, 30, 120, 170], [100, 20, 180, 160], [-9, 0, 240, 180]], np.float32)
    return [box[:1], box, box[:0], box[1:], box[:1]]


def test_joints_are_those_of_inference_topdown(backend, frames, boxes) -> None:
    from mmpose.apis import inference_topdown

    network = backend.pose.network
    network.cfg, network.dataset_meta = backend.pose.config, backend.meta
    found = backend.estimate(frames, boxes)
    assert [person.shape for person in found] == [(len(box), 17, 3) for box in boxes]
    for frame, frame_boxes, people in zip(frames, boxes, found, strict=True):
        if len(frame_boxes) == 0:
            continue
        with DefaultScope.overwrite_default_scope("mmpose"):
            samples = inference_topdown(network, frame, frame_boxes)
        expected = np.concatenate([s.pred_instances.keypoints for s in samples])
        scores = np.concatenate([s.pred_instances.keypoint_scores for s in samples])
        assert np.abs(people[..., :2] - expected).max() <= 0.5
        np.testing.assert_allclose(people[..., 2], scores.clip(0, 1), atol=1e-4)
        assert np.ptp(expected) > 20  # Not all in one place.


def test_detections_are_those_of_inference_detector(backend, frames, monkeypatch) -> None:
    from mmdet.apis import inference_detector
    from mmpose.evaluation.functional import nms

    monkeypatch.setattr(backend_module, "LEAST_DETECTION", 0.0)
    network = backend.detector.network
    network.cfg = backend.detector.config
    network.bbox_head.test_cfg.score_thr = 0.0
    for frame, found in zip(frames, backend.detect(frames), strict=True):
        with DefaultScope.overwrite_default_scope("mmdet"):
            instances = inference_detector(network, frame).pred_instances.numpy()
        rows = np.column_stack([instances.bboxes, instances.scores])
        rows = rows[nms(rows, backend_module.OVERLAP_THRESHOLD)]
        assert len(rows) > 1
        np.testing.assert_allclose(found, rows, atol=0.05)


@pytest.mark.slow
def test_onnx_files_give_the_same(backend, frames, boxes, tmp_path, monkeypatch) -> None:
    for name in ("rtmlib", "onnxruntime", "onnx"):
        pytest.importorskip(name, reason="the extra `pose` is not installed")
    from mmalign.extraction.backends.onnx_export import export_detector, export_pose

    monkeypatch.setattr(backend_module, "LEAST_DETECTION", 0.0)
    monkeypatch.setattr(rtmlib_module, "LEAST_DETECTION", 0.0)
    monkeypatch.setattr(rtmlib_module, "OVERLAP_THRESHOLD", 1.0)
    backend.detector.network.bbox_head.test_cfg.score_thr = 0.0
    export_pose(backend.pose, tmp_path / "pose.onnx")
    export_detector(backend.detector, 0, tmp_path / "detector.onnx")
    light = build_backend(
        "rtmlib", str(tmp_path / "pose.onnx"), detector=str(tmp_path / "detector.onnx"), threads=1
    )
    assert (light.skeleton, light.one_stage, light.has_detector) == ("coco17", False, True)
    for mine, other in zip(
        backend.estimate(frames, boxes), light.estimate(frames, boxes), strict=True
    ):
        assert mine.shape == other.shape
        assert mine.size == 0 or np.abs(mine[..., :2] - other[..., :2]).max() <= 0.5
        np.testing.assert_allclose(mine[..., 2], other[..., 2], atol=1e-2)
    for mine, other in zip(backend.detect(frames), light.detect(frames), strict=True):
        # The scores of a random network are almost equal: which box is best is chance.
        assert np.abs(other - mine[0]).max(axis=1).min() <= 0.5


@pytest.mark.slow
def test_one_stage_network_finds_everybody_in_whole_frames(tmp_path, frames, monkeypatch) -> None:
    from mmpose.apis import inference_bottomup

    monkeypatch.setattr(backend_module, "LEAST_PERSON", 0.0)
    config = tmp_path / "rtmo.py"
    config.write_text(RTMO)
    weights = save_random("mmpose", Config.fromfile(config), tmp_path / "rtmo.pth", gain=0.7)
    backend = build_backend("mmpose", str(config), weights, batch_size=2)
    assert backend.one_stage and not backend.has_detector and backend.skeleton == "coco17"
    network = backend.pose.network
    network.cfg, network.dataset_meta = backend.pose.config, backend.meta
    network.test_cfg.score_thr = network.head.test_cfg.score_thr = 0.0
    found = backend.estimate(frames[:3], [np.zeros((0, 4), np.float32)] * 3)
    for frame, people in zip(frames, found, strict=False):
        with DefaultScope.overwrite_default_scope("mmpose"):
            (sample,) = inference_bottomup(network, frame)
        expected = sample.pred_instances.keypoints
        assert people.shape == (len(expected), 17, 3)
        assert len(expected) and np.abs(people[..., :2] - expected).max() <= 0.5


@pytest.mark.parametrize(
    ("scope", "model", "config", "weights"),
    [
        ("mmpose", "rtmpose-m", "rtmpose-m_8xb256-420e_body8-256x192", "rtmpose-m_simcc-body7"),
        ("mmpose", "rtmo-s", "rtmo-s_8xb32-600e_coco-640x640", "rtmo-s_8xb32-600e_coco-640x640"),
        ("mmpose", "hand", "rtmpose-m_8xb256-210e_hand5-256x256", "rtmpose-m_simcc-hand5"),
        ("mmdet", "rtmdet-t", "rtmdet_tiny_8xb32-300e_coco", "rtmdet_tiny_8xb32-300e_coco"),
        ("mmdet", "human", "rtmdet_m_640-8xb32_coco-person", "rtmdet_m_8xb32-100e_coco"),
    ],
)
def test_short_names_are_those_of_the_index(files, scope, model, config, weights) -> None:
    found = _find(scope, model)
    assert Path(found.config.filename).stem == config
    assert weights in found.weights and found.weights.startswith("https://")


def test_scope_is_put_back(backend) -> None:
    assert DefaultScope.get_current_instance() is None or (
        DefaultScope.get_current_instance().scope_name not in ("mmpose", "mmdet")
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "rtmpose-mm"}, r"--model rtmpose-mm: neither .*\(near it: rtmpose-m"),
        ({"model": "none.py"}, r"--model none\.py: no such config file"),
        ({"checkpoint": None}, r"a config without weights.*--checkpoint"),
        ({"checkpoint": "none.pth"}, r"none\.pth: no such checkpoint file"),
        ({"detector_checkpoint": "{checkpoint}"}, r"do not fit --detector"),
        ({"detector": "rtmdet-minus", "detector_checkpoint": None}, r"--detector rtmdet-minus: ne"),
    ],
)
def test_wrong_networks_are_told(files, change, message) -> None:
    change = {key: value and value.format(**files) for key, value in change.items()}
    with pytest.raises(InputError, match=message) as caught:
        build_backend("mmpose", **{**files, **change})
    assert "\n" not in str(caught.value)


def test_what_weights_say_of_their_data_may_be_missing_or_odd(files, tmp_path) -> None:
    content = torch.load(files["checkpoint"], weights_only=True)
    path = tmp_path / "odd.pth"
    for meta in ({}, {"dataset_meta": "none"}):
        torch.save({**content, "meta": meta}, path)
        backend = build_backend("mmpose", files["model"], checkpoint=str(path))
        assert backend.skeleton == "coco17"  # of the config
    torch.save({**content, "meta": {"dataset_meta": {"classes": "person"}}}, path)
    with pytest.raises(InputError, match=r"toy_rtmpose_tiny\.py: .*which joints"):
        build_backend("mmpose", files["model"], checkpoint=str(path))


def test_checkpoint_runs_nothing(files, tmp_path) -> None:
    class Malicious:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "was_run"),)

    content = torch.load(files["checkpoint"], weights_only=True)
    torch.save({**content, "optimizer": Malicious()}, tmp_path / "bad.pth")
    with pytest.raises(InputError, match=r"bad\.pth: refused"):
        build_backend("mmpose", **{**files, "checkpoint": str(tmp_path / "bad.pth")})
    assert not (tmp_path / "was_run").exists()
