"""The toy activities: key poses, and what the figure does between them."""

from __future__ import annotations

from mmalign.errors import InputError
from mmalign.toy.activity import Activity, Prop, Stage
from mmalign.toy.body import BODY
from mmalign.toy.hands import HANDS
from mmalign.toy.kinematics import Pose
from mmalign.toy.random_activity import PREFIX, random_activity

# A phase runs back through poses of the one before it, so one frame does not tell its phase but
# its neighbours do, and a phase ends where something turns round, so its end is plain to see from
# any side. An activity ends in another pose than it starts: idle time before is not that after.
_SQUAT: Pose = {
    "pelvis_pitch": 24,
    "spine_flex": 10,
    "neck_flex": -16,
    "hip_flex": 106,
    "hip_abd": 16,
    "knee": 108,
}
# Never quite straight: a straight leg or a hanging arm starts to move without rising or sinking.
_STAND: Pose = {"hip_flex": 17, "knee": 24, "pelvis_pitch": 4}
_LIFT = Activity(
    name="lift",
    figure=BODY,
    phases=("bend", "lift", "dip", "put up"),
    poses=(
        {**_STAND, "shoulder_flex": 16},
        {
            "pelvis_pitch": 62,
            "spine_flex": 34,
            "neck_flex": -34,
            "hip_flex": 106,
            "hip_abd": 8,
            "knee": 58,
            "shoulder_flex": 96,
            "elbow": 10,
        },
        {**_STAND, "shoulder_flex": 36, "shoulder_abd": 6, "elbow": 104},
        {**_SQUAT, "shoulder_flex": 50, "shoulder_abd": 10, "elbow": 104},
        {"shoulder_flex": 150, "shoulder_abd": 4, "elbow": 24, "neck_flex": -22, "spine_flex": -6},
    ),
    shares=(1.0, 1.0, 0.9, 1.0),
    props=(Prop("box", (9, 10), taken=1.0, left=4.0),),
)

_WAVE_SQUAT = Activity(
    name="wave_squat",
    figure=BODY,
    phases=("arm up", "arm down", "squat", "jump up"),
    poses=(
        {**_STAND, "shoulder_flex": 14},
        {**_STAND, "right_shoulder_flex": 152, "right_shoulder_abd": 20, "spine_side": -8},
        {
            **_STAND,
            "right_shoulder_flex": 26,
            "left_shoulder_abd": 46,
            "left_shoulder_twist": -50,
            "left_elbow": 84,
        },
        {**_SQUAT, "shoulder_flex": 112, "elbow": 10},
        {"shoulder_flex": 150, "shoulder_abd": 16, "elbow": 14, "neck_flex": -12},
    ),
    shares=(1.0, 1.0, 1.0, 1.0),
)

_READY: Pose = {"shoulder_flex": 30, "shoulder_abd": 14, "elbow": 88, "hip_flex": 8, "knee": 12}
_THROW = Activity(
    name="throw",
    figure=BODY,
    phases=("wind up", "throw", "recover", "crouch"),
    poses=(
        _READY,
        {
            "spine_twist": -38,
            "spine_flex": -10,
            "pelvis_yaw": -18,
            "right_shoulder_flex": 20,
            "right_shoulder_abd": 132,
            "right_shoulder_twist": 10,
            "right_elbow": 64,
            "left_shoulder_flex": 76,
            "left_elbow": 30,
            "neck_turn": 30,
            "hip_flex": 6,
            "knee": 16,
        },
        {
            "spine_twist": 32,
            "spine_flex": 34,
            "pelvis_yaw": 14,
            "pelvis_pitch": 22,
            "right_shoulder_flex": 52,
            "right_shoulder_abd": -14,
            "right_elbow": 22,
            "left_shoulder_flex": -8,
            "left_elbow": 46,
            "neck_flex": -22,
            "hip_flex": 56,
            "knee": 50,
        },
        {**_STAND, "shoulder_flex": 72, "shoulder_abd": 12, "elbow": 92},
        {**_SQUAT, "shoulder_flex": 78, "shoulder_abd": 16, "elbow": 26},
    ),
    shares=(1.1, 0.9, 1.0, 1.0),
    props=(Prop("ball", (10,), taken=0.0, left=1.7),),
)

_BOTTLE: Pose = {
    "right_x": 26,
    "right_out": 10,
    "right_z": 9,
    "right_roll": 84,
    "right_curl": 52,
    "right_thumb": 42,
}
_CUP: Pose = {
    "left_x": 26,
    "left_out": 8,
    "left_z": 8,
    "left_roll": 84,
    "left_curl": 54,
    "left_thumb": 42,
}
_RAISED: Pose = {**_BOTTLE, **_CUP, "right_z": 30, "right_out": 6, "right_yaw": 10}
_POUR = Activity(
    name="pour",
    figure=HANDS,
    phases=("reach", "lift", "tilt", "tilt back", "put down"),
    poses=(
        {"x": 6, "out": 18, "z": 16, "pitch": 8},
        {**_BOTTLE, **_CUP},
        _RAISED,
        {**_RAISED, "right_z": 22, "right_out": -1, "right_roll": -24},
        _RAISED,
        {**_BOTTLE, **_CUP, "left_x": 38, "left_out": 2, "right_out": 26, "right_x": 18},
    ),
    shares=(1.1, 1.0, 1.0, 1.0, 1.1),
    props=(
        Prop("cup", (4, 6, 10, 14), taken=1.0, left=5.0),
        Prop("bottle", (25, 27, 31, 35), taken=1.0, left=5.0),
    ),
)

# The skeleton tells three phases from each other and sees nothing of the other three, in which the
# figure stands still; the video shows those and nothing of the first three.
_REACHED: Pose = {"shoulder_flex": 150, "shoulder_abd": 10, "elbow": 20, "neck_flex": -16}
_OFF, _RED, _GREEN = (66, 68, 74), (232, 44, 36), (40, 206, 84)
_SORT = Activity(
    name="sort",
    figure=BODY,
    phases=("crouch", "rise", "reach up", "red", "cart rolls", "green"),
    poses=(
        {**_STAND, "shoulder_flex": 16},
        {**_SQUAT, "shoulder_flex": 50, "shoulder_abd": 10, "elbow": 104},
        {**_STAND, "shoulder_flex": 36, "shoulder_abd": 6, "elbow": 104},
        _REACHED,
        _REACHED,
        _REACHED,
        _REACHED,
    ),
    shares=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    stage=Stage(
        lamp=(_OFF, _OFF, _OFF, _RED, _RED, _GREEN), cart=(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0)
    ),
)

_POSED = {activity.name: activity for activity in (_LIFT, _WAVE_SQUAT, _THROW, _POUR)}
_ACTIVITIES = {**_POSED, _SORT.name: _SORT}


def get_activity(name: str) -> Activity:
    """Look an activity up.

    Args:
        name: its name; ``random_`` and anything for one that is drawn at random, see
            :mod:`mmalign.toy.random_activity`.

    Returns:
        The activity.

    Raises:
        InputError: there is none of that name.
    """
    if name.startswith(PREFIX):
        return random_activity(name)
    if name not in _ACTIVITIES:
        raise InputError(
            f"activity: unknown name {name!r}; the toy activities are {', '.join(_ACTIVITIES)}"
        )
    return _ACTIVITIES[name]


def list_activities() -> tuple[str, ...]:
    """Names of the toy activities whose phases the skeleton shows, all but ``sort``."""
    return tuple(_POSED)
