# One network for all labelled actions of Penn Action: tools/run_penn_action.py --one-model. Pairs
# of clips are pairs of one action, and each action has a readout of its own. 20 epochs of 4 times
# through 437 clips: 2200 steps of 16 clips.
_base_ = "./la2ds_plus_penn_action_cpu.py"
model = dict(action_readouts=True)
train_dataloader = dict(batch_size=16, dataset=dict(action=None, repeat=4))
