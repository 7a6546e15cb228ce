"""What an activity is: key poses, phases between them, and things that are handled."""

from __future__ import annotations

from dataclasses import dataclass

from mmalign.toy.kinematics import Figure, Pose


@dataclass(frozen=True)
class Prop:
    """An object of the rendered scene.

    Attributes:
        kind: ``box``, ``ball``, ``bottle`` or ``cup``.
        joints: it is carried in the middle of these joints (of a performer who is not mirrored).
        taken: canonical time at which it is taken up; before, it lies where that happens.
        left: canonical time at which it is let go; after, it stays there, or flies if a ball.
    """

    kind: str
    joints: tuple[int, ...]
    taken: float
    left: float


@dataclass(frozen=True)
class Stage:
    """A screen that hides the figure from the video, with things on it that no joint tells of.

    Attributes:
        lamp: RGB colour of a lamp in each of the ``K`` phases.
        cart: where a cart stands on its rail at each of the ``K + 1`` key poses: 0 one end, 1 the
            other; it rolls in between.
    """

    lamp: tuple[tuple[int, int, int], ...]
    cart: tuple[float, ...]


@dataclass(frozen=True)
class Activity:
    """A sequence of phases between key poses.

    Attributes:
        name: its name.
        figure: who performs it.
        phases: names of the ``K`` phases.
        poses: ``K + 1`` key poses; phase ``k`` moves from pose ``k`` to pose ``k + 1``.
        shares: relative durations of the phases at the usual tempo.
        props: objects that are drawn.
        stage: what the video shows in place of the figure; None for the figure itself.
    """

    name: str
    figure: Figure
    phases: tuple[str, ...]
    poses: tuple[Pose, ...]
    shares: tuple[float, ...]
    props: tuple[Prop, ...] = ()
    stage: Stage | None = None

    @property
    def num_phases(self) -> int:
        """Number of phases ``K``."""
        return len(self.phases)
