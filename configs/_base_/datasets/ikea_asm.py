# IKEA ASM, Kallax shelf drawer: bodies, 17 labels that repeat, 0 = background.
# Prepare it: tools/data/prepare.py ikea_asm SRC --out DST
_base_ = "./poses.py"
poses = dict(
    data_root="data/ikea_asm", action="kallax_shelf_drawer", skeleton="coco17", resample_fps=30
)
train_dataloader = dict(batch_size=4, dataset=dict(repeat=10, max_frames=512, **poses))
test_dataloader = dict(batch_size=1, dataset=dict(dataset=poses))
val_dataloader = test_dataloader
test_evaluator = dict(background=0, ordered=False)
val_evaluator = test_evaluator
