# CASA on Penn Action's annotated 2D joints, its loss in one direction, on the schedule of
# la2ds_penn_action_cpu.py: one model per action (--action). The augmentations are those that the
# paper takes over from it (Table 9), which in CASA's code rotate nothing and swap no sides. The
# learning rate is the best of 1e-3, 3e-4 and 1e-4 on held-out training clips.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/models/casa.py",
    "../_base_/datasets/penn_action.py",
    "../_base_/schedules/cpu.py",
]
model = dict(data_preprocessor=dict(skeleton="penn13"))
optim_wrapper = dict(optimizer=dict(lr=3e-4))
train_cfg = dict(max_epochs=20)
train_dataloader = dict(batch_size=8, dataset=dict(labelled_only=True, repeat=8))
val_cfg = None
val_dataloader = None
val_evaluator = None
