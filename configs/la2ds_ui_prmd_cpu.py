# As la2ds_cameras_ui_prmd_cpu.py without 3D poses: both views from where the data's cameras stand.
_base_ = "./la2ds_cameras_ui_prmd_cpu.py"
train_dataloader = dict(dataset=dict(pipeline={{_base_.one_camera_train_pipeline}}))
