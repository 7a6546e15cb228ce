import pickle
import sys
import types

import numpy as np
import pytest
from scipy.sparse import csc_matrix
from scipy.spatial.transform import Rotation

from mmalign.errors import InputError
from mmalign.formats.benchmarks.body_model import read_body_model

PARENTS = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21]


def model_arrays(vertices=30):
    """A small model in the arrays of SMPL's; the joints do not hang on the number of vertices."""
    rng = np.random.default_rng(5)
    regressor = rng.uniform(size=(24, vertices)) * (rng.uniform(size=(24, vertices)) > 0.5)
    return {
        "v_template": rng.normal(size=(vertices, 3)),
        "shapedirs": rng.normal(size=(vertices, 3, 10)) / 10,
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        # As in the released files, where the root's parent is 2^32 - 1.
        "kintree_table": np.array([PARENTS, range(24)]).astype(np.int64).astype(np.uint32),
    }


@pytest.fixture
def parameters():
    rng = np.random.default_rng(6)
    return rng.normal(size=(4, 72)), rng.normal(size=(4, 10))


def slow_joints(arrays, pose, beta):
    """Homogeneous matrices along the chain, a frame and a joint at a time."""
    joints = np.zeros((len(pose), 24, 3))
    for t in range(len(pose)):
        mesh = arrays["v_template"].copy()
        for b in range(beta.shape[1]):
            mesh += beta[t, b] * arrays["shapedirs"][..., b]
        rest = arrays["J_regressor"] @ mesh
        world = []
        for k, parent in enumerate(PARENTS):
            step = np.eye(4)
            step[:3, :3] = Rotation.from_rotvec(pose[t, 3 * k : 3 * k + 3]).as_matrix()
            step[:3, 3] = rest[k] - (rest[parent] if parent >= 0 else 0)
            world.append(step if parent < 0 else world[parent] @ step)
            joints[t, k] = world[k][:3, 3]
    return joints


def test_joints_are_those_of_the_kinematic_chain(tmp_path, parameters):
    arrays = model_arrays()
    np.savez(tmp_path / "SMPL_NEUTRAL.npz", **arrays)
    joints = read_body_model(tmp_path).joints(*parameters)
    np.testing.assert_allclose(joints, slow_joints(arrays, *parameters), atol=1e-9)


def test_turning_the_root_turns_the_body(tmp_path, parameters):
    pose, beta = parameters
    np.savez(tmp_path / "m.npz", **model_arrays())
    model = read_body_model(tmp_path / "m.npz")
    turn = Rotation.from_rotvec([0.3, -1.0, 2.0])
    turned = pose.copy()
    turned[:, :3] = (turn * Rotation.from_rotvec(pose[:, :3])).as_rotvec()
    one, two = model.joints(pose, beta), model.joints(turned, beta)
    for t in range(len(pose)):
        np.testing.assert_allclose(turn.apply(one[t] - one[t, 0]), two[t] - two[t, 0], atol=1e-9)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_released_files_with_chumpys_and_scipys_objects_are_read_unimported(
    tmp_path, monkeypatch, parameters, protocol
):
    chumpy = types.ModuleType("chumpy.ch")
    chumpy.Ch = type("Ch", (), {"__module__": "chumpy.ch"})
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", chumpy)
    arrays = model_arrays()
    shape = chumpy.Ch()
    shape.__dict__ = {"x": arrays["shapedirs"], "_dirty_vars": set(), "_itr": None}
    content = {**arrays, "shapedirs": shape, "J_regressor": csc_matrix(arrays["J_regressor"])}
    (tmp_path / "smpl").mkdir()
    path = tmp_path / "smpl" / "SMPL_NEUTRAL.pkl"
    path.write_bytes(pickle.dumps(content, protocol))
    monkeypatch.delitem(sys.modules, "chumpy.ch")
    monkeypatch.delitem(sys.modules, "chumpy")
    joints = read_body_model(tmp_path).joints(*parameters)
    np.testing.assert_allclose(joints, slow_joints(arrays, *parameters), atol=1e-9)
    assert "chumpy" not in sys.modules


class Evil:
    def __reduce__(self):
        return eval, ("open('executed', 'w')",)


def test_a_model_that_wants_to_run_code_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "SMPL_NEUTRAL.pkl").write_bytes(pickle.dumps({"v_template": Evil()}))
    with pytest.raises(InputError, match=r"SMPL_NEUTRAL.pkl: refused to unpickle builtins\.eval"):
        read_body_model(tmp_path)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"v_template": None}, "lacks v_template"),
        ({"v_template": np.zeros((3, 3))}, "do not fit together"),
        ({"shapedirs": np.zeros(3)}, "do not fit together"),
        ({"J_regressor": np.ones((55, 30))}, "a model of 55 joints, expected SMPL's 24"),
        ({"kintree_table": np.zeros((2, 24), int)}, None),
        ({"kintree_table": np.full((2, 24), 30)}, "expected SMPL's 24"),
        ({"kintree_table": np.array(["a"])}, "do not fit together"),
    ],
)
def test_damaged_models_are_one_line(tmp_path, change, message):
    arrays = {**model_arrays(), **change}
    arrays = {key: value for key, value in arrays.items() if value is not None}
    np.savez(tmp_path / "SMPL_NEUTRAL.npz", **arrays)
    if message is None:  # every joint hangs from the root: odd, but a tree
        assert read_body_model(tmp_path).parents == (-1, *[0] * 23)
        return
    with pytest.raises(InputError, match=message) as caught:
        read_body_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_or_damaged_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match="holds no SMPL model.*smpl.is.tue.mpg.de"):
        read_body_model(tmp_path)
    (tmp_path / "SMPL_NEUTRAL.npz").write_bytes(b"PK junk")
    with pytest.raises(InputError, match="not a readable .npz"):
        read_body_model(tmp_path)
    (tmp_path / "m.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match="lacks v_template, shapedirs"):
        read_body_model(tmp_path / "m.pkl")
