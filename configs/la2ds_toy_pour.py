# LA2DS on two generated hands that pour: as la2ds_toy.py, on the skeleton of H2O.
_base_ = "./la2ds_toy.py"
model = dict(data_preprocessor=dict(skeleton="hands42"))
pour = dict(activity="pour", skeleton="hands42")
train_dataloader = dict(dataset=pour)
test_dataloader = dict(dataset=dict(dataset=pour))
