# LA2DS on Penn Action as the paper has it (Table 9), one model per action (--action).
_base_ = [
    "./_base_/default_runtime.py",
    "./_base_/models/la2ds.py",
    "./_base_/datasets/penn_action.py",
    "./_base_/schedules/casa.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
# An epoch goes through an action's training clips 100 times, those without phase labels too: with
# golf_swing's 89, 14,000 steps of 64 in all.
# The learned encodings have 256 positions: longer clips are shown in windows.
train_dataloader = dict(dataset=dict(repeat=100, max_frames=256))
