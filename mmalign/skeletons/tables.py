"""The tables of skeletons, written with names instead of numbers.

In every text ``~`` stands for both sides: a line with it is read once with ``left_`` and once with
``right_`` in its place (``L`` and ``R`` for motion-capture markers). Flip pairs follow from the
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mmalign.skeletons.skeleton import Skeleton

SIDES = ("left_", "right_")
ARMS_AND_LEGS = {"~arm": "~shoulder ~elbow ~wrist", "~leg": "~hip ~knee ~ankle"}


def _both_sides(texts: Iterable[str], sides: tuple[str, str]) -> list[str]:
    return [
        text.replace("~", side) for text in texts for side in (sides if "~" in text else sides[:1])
    ]


def _skeleton(
    name: str,
    joints: str,
    chains: Iterable[str],
    groups: Mapping[str, str],
    links: Iterable[str] = (),
    sides: tuple[str, str] = SIDES,
) -> Skeleton:
    """Build a skeleton from names.

    Args:
        name: Its name.
        joints: All joints, in order.
        chains: Runs of joints, each hanging from the one before it; also drawn as limbs.
        groups: Names and joints of the limb groups.
        links: Further limbs, which are drawn and carry nothing.
        sides: What ``~`` stands for.
    """
    names = joints.split()
    index = {joint: i for i, joint in enumerate(names)}
    parents = [-1] * len(names)
    limbs: dict[tuple[int, int], None] = {}
    for chain in _both_sides(chains, sides):
        run = [index[joint] for joint in chain.split()]
        for parent, child in zip(run[:-1], run[1:], strict=True):
            parents[child] = parent
            limbs[parent, child] = None
    for link in _both_sides(links, sides):
        first, second = link.split()
        limbs[index[first], index[second]] = None
    mirrored = {joint: sides[1] + joint[len(sides[0]) :] for joint in names}
    flip_pairs = [
        (index[joint], index[mirrored[joint]])
        for joint in names
        if joint.startswith(sides[0]) and mirrored[joint] in index
    ]
    group_names = _both_sides(groups, SIDES)
    group_joints = [text.split() for text in _both_sides(groups.values(), sides)]
    return Skeleton(
        name=name,
        joints=tuple(names),
        limbs=tuple(limbs),
        flip_pairs=tuple(flip_pairs),
        parents=tuple(parents),
        limb_groups={
            group: tuple(index[joint] for joint in members)
            for group, members in zip(group_names, group_joints, strict=True)
        },
    )


# COCO keypoints. Limbs are those of PoseC3D (MMAction2's heatmaps), 17 of them.
_COCO17 = _skeleton(
    "coco17",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle",
    ["nose ~eye ~ear", "nose ~shoulder ~elbow ~wrist", "~shoulder ~hip ~knee ~ankle"],
    ARMS_AND_LEGS,
    links=["left_hip right_hip"],
)

# OpenPose's COCO model.
_OPENPOSE18 = _skeleton(
    "openpose18",
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear "
    "left_ear",
    ["neck nose ~eye ~ear", "neck ~shoulder ~elbow ~wrist", "neck ~hip ~knee ~ankle"],
    ARMS_AND_LEGS,
)

_FEET = ["~ankle ~big_toe ~small_toe", "~ankle ~heel"]
_LEGS_WITH_FEET = ARMS_AND_LEGS | {"~leg": "~hip ~knee ~ankle ~big_toe ~small_toe ~heel"}

# OpenPose BODY_25.
_BODY25 = _skeleton(
    "body25",
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist mid_hip "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear "
    "left_ear left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel",
    ["mid_hip neck nose ~eye ~ear", "neck ~shoulder ~elbow ~wrist", "mid_hip ~hip ~knee ~ankle"]
    + _FEET,
    _LEGS_WITH_FEET,
)

# OpenPose BODY_25B: no mid hip, an upper neck and a head top instead.
_BODY25B = _skeleton(
    "body25b",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle upper_neck head_top left_big_toe left_small_toe left_heel right_big_toe "
    "right_small_toe right_heel",
    ["upper_neck nose ~eye ~ear", "upper_neck head_top", "upper_neck ~shoulder ~elbow ~wrist"]
    + ["~shoulder ~hip ~knee ~ankle", *_FEET],
    _LEGS_WITH_FEET,
    links=["left_hip right_hip"],
)

# Penn Action: the odd index of each pair is the person's right side, whatever the order in which
# some public loaders name them.
_PENN13 = _skeleton(
    "penn13",
    "head right_shoulder left_shoulder right_elbow left_elbow right_wrist left_wrist right_hip "
    "left_hip right_knee left_knee right_ankle left_ankle",
    ["head ~shoulder ~elbow ~wrist", "~shoulder ~hip ~knee ~ankle"],
    ARMS_AND_LEGS,
    links=["left_hip right_hip"],
)

_FINGERS = ("thumb", "index", "middle", "ring", "little")


def _hand(side: str) -> tuple[str, list[str], dict[str, str]]:
    """Joints, chains and groups of one hand: the wrist, then four joints per finger to its tip."""
    fingers = {
        side + finger: " ".join(f"{side}{finger}{i}" for i in range(1, 5)) for finger in _FINGERS
    }
    joints = " ".join([f"{side}wrist", *fingers.values()])
    return joints, [f"{side}wrist {finger}" for finger in fingers.values()], fingers


# One hand, in the order of OpenPose, MediaPipe and FreiHAND.
_HAND21 = _skeleton("hand21", *_hand(""))

# Two hands (H2O): left 0-20, right 21-41.
_HANDS42 = _skeleton("hands42", _hand("left_")[0] + " " + _hand("right_")[0], *_hand("~")[1:])

# COCO-WholeBody: the body, the feet, 68 points of the face (iBUG 300-W), and both hands. Points of
# the face are named by the number of the right one of a pair; nothing is drawn between them.
_FACE_PAIRS = [
    *zip(range(8), range(16, 8, -1), strict=True),
    *zip(range(17, 22), range(26, 21, -1), strict=True),
    (31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46),
    (48, 54), (49, 53), (50, 52), (59, 55), (58, 56), (60, 64), (61, 63), (67, 65),
]  # fmt: skip


def _face() -> str:
    """Names of the 68 points, in order."""
    names = [f"face{i}" for i in range(68)]
    for right, left in _FACE_PAIRS:
        names[right], names[left] = f"right_face{right}", f"left_face{right}"
    return " ".join(names)


def _whole_hand(side: str) -> tuple[str, list[str]]:
    """Joints and chains of a hand that hangs from the body's wrist by a root of its own."""
    joints, chains, _ = _hand(side)
    wrist, root = f"{side}wrist", f"{side}hand_root"
    return joints.replace(wrist, root), [chain.replace(wrist, root) for chain in chains]


_WHOLEBODY133 = _skeleton(
    "wholebody133",
    " ".join(
        [
            *_COCO17.joints,
            "left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel",
            _face(),
            _whole_hand("left_")[0],
            _whole_hand("right_")[0],
        ]
    ),
    ["nose ~eye ~ear", "nose ~shoulder ~elbow ~wrist ~hand_root", "~shoulder ~hip ~knee ~ankle"]
    + _FEET
    + _whole_hand("~")[1],
    {
        "~arm": f"~shoulder ~elbow ~wrist {_whole_hand('~')[0]}",
        "~leg": _LEGS_WITH_FEET["~leg"],
    },
    links=["left_hip right_hip"],
)

_H36M17 = _skeleton(
    "h36m17",
    "pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine thorax neck head "
    "left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist",
    ["pelvis spine thorax neck head", "thorax ~shoulder ~elbow ~wrist", "pelvis ~hip ~knee ~ankle"],
    ARMS_AND_LEGS,
)

_SMPL24 = _skeleton(
    "smpl24",
    "pelvis left_hip right_hip spine1 left_knee right_knee spine2 left_ankle right_ankle spine3 "
    "left_foot right_foot neck left_collar right_collar head left_shoulder right_shoulder "
    "left_elbow right_elbow left_wrist right_wrist left_hand right_hand",
    ["pelvis spine1 spine2 spine3 neck head", "spine3 ~collar ~shoulder ~elbow ~wrist ~hand"]
    + ["pelvis ~hip ~knee ~ankle ~foot"],
    {"~arm": "~shoulder ~elbow ~wrist ~hand", "~leg": "~hip ~knee ~ankle ~foot"},
)

# What CASA feeds its network on Penn Action: the first 25 joints of the SMPL-X layer, which are
# regressed in the order of BODY_25 (it takes 1-8 for the spine and 1-5 for the left shoulder).
_SMPL25 = replace(_BODY25, name="smpl25")

# Halpe full-body without face and hands, AlphaPose's and RTMPose's "body with feet".
_HALPE26 = _skeleton(
    "halpe26",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle head_top neck mid_hip left_big_toe right_big_toe left_small_toe right_small_toe "
    "left_heel right_heel",
    ["mid_hip neck nose ~eye ~ear", "nose head_top", "neck ~shoulder ~elbow ~wrist"]
    + ["mid_hip ~hip ~knee ~ankle", *_FEET],
    _LEGS_WITH_FEET,
)

# MediaPipe's pose landmarks (BlazePose).
_MEDIAPIPE33 = _skeleton(
    "mediapipe33",
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer "
    "left_ear right_ear left_mouth right_mouth left_shoulder right_shoulder left_elbow right_elbow "
    "left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb right_thumb "
    "left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel right_heel "
    "left_foot_index right_foot_index",
    ["nose ~eye_inner ~eye ~eye_outer ~ear", "nose ~mouth", "nose ~shoulder ~elbow ~wrist ~pinky"]
    + ["~wrist ~index", "~wrist ~thumb", "~shoulder ~hip ~knee ~ankle ~heel", "~ankle ~foot_index"],
    {
        "~arm": "~shoulder ~elbow ~wrist ~pinky ~index ~thumb",
        "~leg": "~hip ~knee ~ankle ~heel ~foot_index",
    },
    links=["left_hip right_hip"],
)

# Vicon Plug-in Gait markers (UI-PRMD), by their customary names.
_PLUGIN_GAIT39 = _skeleton(
    "plugin_gait39",
    "LFHD RFHD LBHD RBHD C7 T10 CLAV STRN RBAK LSHO LUPA LELB LFRM LWRA LWRB LFIN RSHO RUPA RELB "
    "RFRM RWRA RWRB RFIN LASI RASI LPSI RPSI LTHI LKNE LTIB LANK LHEE LTOE RTHI RKNE RTIB RANK "
    "RHEE RTOE",
    ["T10 C7 ~BHD ~FHD", "C7 CLAV STRN", "T10 RBAK", "C7 ~SHO ~UPA ~ELB ~FRM ~WRA ~FIN"]
    + ["~FRM ~WRB", "T10 ~PSI ~ASI ~THI ~KNE ~TIB ~ANK ~TOE", "~ANK ~HEE"],
    {"~arm": "~SHO ~UPA ~ELB ~FRM ~WRA ~WRB ~FIN", "~leg": "~THI ~KNE ~TIB ~ANK ~HEE ~TOE"},
    links=["LPSI RPSI", "LASI RASI", "LFHD RFHD", "LBHD RBHD"],
    sides=("L", "R"),
)

# Kinect V2 (NTU RGB+D).
_KINECT25 = _skeleton(
    "kinect25",
    "pelvis spine neck head left_shoulder left_elbow left_wrist left_hand right_shoulder "
    "right_elbow right_wrist right_hand left_hip left_knee left_ankle left_foot right_hip "
    "right_knee right_ankle right_foot spine_shoulder left_hand_tip left_thumb right_hand_tip "
    "right_thumb",
    ["pelvis spine spine_shoulder neck head", "spine_shoulder ~shoulder ~elbow ~wrist ~hand"]
    + ["~hand ~hand_tip", "~wrist ~thumb", "pelvis ~hip ~knee ~ankle ~foot"],
    {
        "~arm": "~shoulder ~elbow ~wrist ~hand ~hand_tip ~thumb",
        "~leg": "~hip ~knee ~ankle ~foot",
    },
)

SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        _COCO17, _OPENPOSE18, _BODY25, _BODY25B, _PENN13, _HAND21, _HANDS42, _H36M17, _SMPL24,
        _SMPL25, _HALPE26, _MEDIAPIPE33, _PLUGIN_GAIT39, _WHOLEBODY133, _KINECT25,
    )
}  # fmt: skip
