# Table 1: without cross-attention.
_base_ = "./paper_cpu.py"
model = dict(cross=dict(n_cross=0))
