# Generated clips of an activity of which poses show one half of the phases and the video the other.
_base_ = ["./poses.py", "./frames_cpu.py"]
toy = dict(type="ToyPoseDataset", activity="sort", num_sequences=48, skeleton="coco17", render=56)
train_dataloader = dict(batch_size=8, dataset=dict(repeat=4, **toy))
test_dataloader = dict(dataset=dict(dataset=toy))
