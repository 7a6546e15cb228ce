# Table 2: heatmaps of the joints alone.
_base_ = "./paper_cpu.py"
model = dict(data_preprocessor=dict(heatmap="joint"))
