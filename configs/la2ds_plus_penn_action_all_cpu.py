# One network for all labelled actions of Penn Action: tools/run_penn_action.py --one-model. Pairs
# of clips are pairs of one action.
_base_ = "./la2ds_plus_penn_action_cpu.py"
train_dataloader = dict(batch_size=16, dataset=dict(action=None))
train_cfg = dict(max_epochs=20)
