"""What encoders of coordinates see, and the graph they work on."""

import torch

from mmalign.models import CoordinateDataPreprocessor
from mmalign.models.encoders.stgcn import STGCNBlock, graph_partitions
from mmalign.skeletons import get_skeleton
from mmalign.structures import AlignmentDataSample


def test_coordinates_fill_minus_one_to_one_and_absent_joints_are_zero():
    pose = torch.tensor([[[0.0, 0.0, 1.0], [30.0, 15.0, 0.5], [float("nan"), 7.0, 0.0]]])
    pose = torch.cat([pose, torch.zeros(1, 10, 3)], dim=1)
    sample = AlignmentDataSample(frame_inds=[torch.zeros(1)])
    data = dict(inputs=dict(pose=[[pose]]), data_samples=[sample])
    (view,) = CoordinateDataPreprocessor("penn13", size=30)(data)["inputs"]
    frames = view.frames["pose"][0]
    expected = torch.tensor([[-1.0, -1.0, 1.0], [1.0, 0.0, 0.5], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(frames[:3], expected)
    assert (frames[3:] == 0).all()


def test_partitions_are_the_joint_its_parent_and_the_mean_of_its_children():
    skeleton = get_skeleton("coco17")
    own, parent, children = graph_partitions(skeleton)
    torch.testing.assert_close(own, torch.eye(17))
    for joint in range(17):
        above = skeleton.parents[joint]
        assert parent[joint].nonzero().flatten().tolist() == ([above] if above >= 0 else [])
        below = [j for j, p in enumerate(skeleton.parents) if p == joint]
        assert children[joint].nonzero().flatten().tolist() == below
        if below:
            torch.testing.assert_close(
                children[joint, below], torch.full((len(below),), 1 / len(below))
            )


def test_a_graph_block_equals_a_loop_over_joints():
    torch.manual_seed(0)
    partitions = graph_partitions(get_skeleton("penn13"))
    block = STGCNBlock(2, 4, partitions, kernel=3)
    x = torch.randn(1, 5, 13, 2)
    mask = torch.ones(1, 5, dtype=torch.bool)
    hidden = torch.zeros(5, 13, 4)
    for t in range(5):
        for j in range(13):
            parts = [sum(p[j, k] * x[0, t, k] for k in range(13)) for p in partitions]
            hidden[t, j] = block.norm_graph(block.graph(torch.cat(parts))).relu()
    expected = torch.zeros(5, 13, 4)
    for t in range(5):
        for j in range(13):
            total = block.time.bias.clone()
            for shift in (-1, 0, 1):
                if 0 <= t + shift < 5:
                    total = total + block.time.weight[:, :, shift + 1, 0] @ hidden[t + shift, j]
            expected[t, j] = (block.norm_time(total) + block.residual(x[0, t, j])).relu()
    torch.testing.assert_close(block(x, mask)[0], expected, atol=1e-5, rtol=1e-5)
