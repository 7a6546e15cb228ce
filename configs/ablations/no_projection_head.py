# Table 1: without the projection head: the loss acts on the embeddings.
_base_ = "./paper_cpu.py"
model = dict(head=None)
