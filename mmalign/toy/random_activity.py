"""Activities drawn at random: any number of different movements of a whole body."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmalign.toy.activity import Activity
from mmalign.toy.body import BODY

PREFIX = "random_"
_NUM_PHASES = (2, 6)
_CHANGE = 0.6
"""Probability that a part of the body moves in a phase; one part does in any case."""

Draw = Callable[[np.random.Generator], dict[str, float]]


def _arm(rng: np.random.Generator) -> dict[str, float]:
    return {
        "shoulder_flex": rng.uniform(-40, 165),
        "shoulder_abd": rng.uniform(-10, 100) * rng.uniform(),
        "shoulder_twist": rng.uniform(-60, 40),
        "elbow": rng.uniform(0, 130),
    }


def _leg(rng: np.random.Generator) -> dict[str, float]:
    hip = rng.uniform(-25, 110) * rng.uniform()
    # The shank hangs, more or less, below a raised knee.
    return {
        "hip_flex": hip,
        "hip_abd": rng.uniform(-5, 45) * rng.uniform(),
        "knee": float(np.clip(hip + rng.uniform(-20, 40), 0, 130)),
    }


def _pair(draw: Draw) -> Draw:
    """Both sides: half of the time alike."""

    def both(rng: np.random.Generator) -> dict[str, float]:
        one = draw(rng)
        if rng.random() < 0.5:
            return one
        other = draw(rng)
        sides = (("left", one), ("right", other))
        return {f"{side}_{name}": value for side, part in sides for name, value in part.items()}

    return both


def _trunk(rng: np.random.Generator) -> dict[str, float]:
    return {
        "spine_flex": rng.uniform(-15, 55),
        "spine_twist": rng.uniform(-40, 40) * rng.uniform(),
        "spine_side": rng.uniform(-25, 25) * rng.uniform(),
        "neck_flex": rng.uniform(-30, 30),
        "neck_turn": rng.uniform(-40, 40) * rng.uniform(),
    }


def random_activity(name: str) -> Activity:
    """An activity of 2 to 6 phases, in each of which arms, legs or trunk move to another pose.

    Two of three are done upright, the others lying on the front or the back.

    Args:
        name: ``random_`` and anything; the same name gives the same activity.
    """
    rng = np.random.default_rng(list(name.encode()))
    lying = float(rng.choice([0.0, 0.0, 0.0, 0.0, 80.0, -85.0]))
    parts: dict[str, Draw] = {
        "arms": _pair(_arm),
        "legs": _pair(_leg),
        "trunk": _trunk,
        "pelvis": lambda r: {
            "pelvis_pitch": lying + r.uniform(-10, 40) * r.uniform(),
            "pelvis_yaw": r.uniform(-40, 40) * r.uniform(),
        },
    }
    pose = {part: draw(rng) for part, draw in parts.items()}
    poses = [pose]
    num_phases = int(rng.integers(_NUM_PHASES[0], _NUM_PHASES[1] + 1))
    for _ in range(num_phases):
        moved = rng.random(len(parts)) < _CHANGE
        moved[rng.integers(2)] = True
        pose = {
            part: draw(rng) if moves else pose[part]
            for (part, draw), moves in zip(parts.items(), moved, strict=True)
        }
        poses.append(pose)
    return Activity(
        name=name,
        figure=BODY,
        phases=tuple(f"phase {k + 1}" for k in range(num_phases)),
        poses=tuple({k: v for part in one.values() for k, v in part.items()} for one in poses),
        shares=tuple(rng.uniform(0.6, 1.6, num_phases)),
    )
