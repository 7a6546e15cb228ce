# TCC, of single frames and the one half a second before.
_base_ = "../shared/tcc.py"
model = _base_.per_frame
custom_hooks = _base_.hooks_without_readout
