# Table 1, and Table 12's diamond: a per-frame MLP in place of the spatial transformer.
_base_ = "./paper_cpu.py"
model = dict(encoder=dict(spatial="mlp"))
