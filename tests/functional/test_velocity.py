import torch

from mmalign.functional.velocity import velocities


def test_velocities_are_central_differences_within_a_sequence():
    lengths = (4, 1, 3)
    mask = torch.arange(5) < torch.tensor(lengths).unsqueeze(1)
    clips = [torch.cat([torch.rand(n, 2, 2), torch.ones(n, 2, 1)], -1) for n in lengths]
    clips[0][1, 0] = 0.0  # Absent: neither its neighbours' velocity nor its score is known.
    found = velocities(torch.cat(clips), mask).split(lengths)
    for clip, moved in zip(clips, found, strict=True):
        assert (moved[..., 2] == clip[..., 2]).all()
        for i in range(len(clip)):
            before, after = max(i - 1, 0), min(i + 1, len(clip) - 1)
            for k in range(2):
                expected = (clip[after, k, :2] - clip[before, k, :2]) / max(after - before, 1)
                if clip[after, k, 2] == 0 or clip[before, k, 2] == 0:
                    expected = torch.zeros(2)
                torch.testing.assert_close(moved[i, k, :2], expected)
