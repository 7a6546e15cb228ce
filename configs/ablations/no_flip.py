# Table 10: without the horizontal flip.
_base_ = ["./paper_cpu.py", "../_base_/datasets/pipelines_ablated.py"]
train_dataloader = dict(dataset=dict(pipeline={{_base_.without.flip}}))
