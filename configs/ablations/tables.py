# The paper's ablation tables and one beyond them: what tools/run_ablation.py runs. A row names a
# config by its path from this folder (or says what it needs that is not at hand), and the paper's
# figures for it, which are H2O's unless the table says otherwise.
_two = ("golf_swing", "tennis_forehand")
_paper = ("acc@1.0", "progress", "tau")
_full = dict(name="LA2DS", config="paper_cpu", paper=(0.7012, 0.9280, 0.9670))
_casa = (0.6878, 0.9107, 0.9438)
tables = {
    "1": dict(
        title="Effects of different network components",
        actions=_two,
        columns=_paper,
        rows=[
            dict(
                name="w/o temporal transformer",
                config="no_temporal_transformer",
                paper=(0.6440, 0.9149, 0.9566),
            ),
            dict(
                name="w/o projection head",
                config="no_projection_head",
                paper=(0.6653, 0.9169, 0.9590),
            ),
            dict(
                name="w/o positional encoding",
                config="no_positional_encoding",
                paper=(0.6780, 0.9196, 0.9615),
            ),
            dict(
                name="w/o cross-attention",
                config="no_cross_attention",
                paper=(0.6783, 0.9198, 0.9590),
            ),
            dict(
                name="w/o spatial transformer",
                config="no_spatial_transformer",
                paper=(0.6847, 0.9039, 0.9548),
            ),
            _full,
        ],
    ),
    "2": dict(
        title="Effects of different heatmaps",
        actions=_two,
        columns=_paper,
        rows=[
            dict(name="limbs", config="limbs", paper=(0.6772, 0.9101, 0.9614)),
            dict(name="joints", config="joints", paper=(0.6609, None, 0.9646)),
            dict(_full, name="limbs + joints"),
        ],
    ),
    "3": dict(
        title="Robustness against missing keypoints",
        actions=_two,
        columns=("acc@1.0",),
        rows=[
            dict(
                name=f"{name}, p = {p}",
                config=config,
                paper=(figure,),
                test=[] if p == 0 else ["--corrupt", f"missing:{p}"],
            )
            for name, config, figures in (
                ("CASA", "casa", (0.6878, 0.6668, None, 0.6093)),
                ("LA2DS", "paper_cpu", (0.7012, 0.6954, 0.6902, 0.6894)),
            )
            for p, figure in zip((0, 0.25, 0.5, 1), figures, strict=True)
        ],
    ),
    "4": dict(
        title="Robustness against noisy keypoints (training, test; C clean, N noisy)",
        actions=_two,
        columns=("acc@1.0",),
        rows=[
            dict(
                name=f"{name}, {case}",
                config=config,
                paper=(figure,),
                train=["--corrupt", "noise:1"] if case[0] == "N" else [],
                test=options,
            )
            for name, config, figures in (
                ("CASA", "casa", (0.6878, 0.6515, 0.6509, 0.6369)),
                ("LA2DS", "paper_cpu", (0.7012, 0.6859, 0.6875, 0.6823)),
            )
            for case, options, figure in zip(
                ("C, C", "C, N", "N, C", "N, N"),
                (
                    [],
                    ["--corrupt", "noise:1", "--corrupt-on", "test"],
                    ["--corrupt", "noise:1", "--corrupt-on", "train"],
                    ["--corrupt", "noise:1", "--corrupt-on", "both"],
                ),
                figures,
                strict=True,
            )
        ],
    ),
    "10": dict(
        title="Effects of different augmentations",
        actions=_two,
        columns=_paper,
        rows=[
            dict(name="none", config="no_augmentation", paper=(0.6312, None, 0.9350)),
            dict(
                name="w/o temporal", config="no_temporal_augmentation", paper=(0.6482, None, 0.9551)
            ),
            dict(
                name="w/o orientation", config="no_orientation_noise", paper=(0.6740, None, 0.9603)
            ),
            dict(name="w/o position", config="no_position_noise", paper=(0.6918, None, 0.9626)),
            dict(name="w/o horizontal flip", config="no_flip", paper=(0.6793, None, 0.9642)),
            dict(_full, name="all"),
        ],
    ),
    "12": dict(
        title="Effects of different method parts",
        actions=_two,
        columns=_paper,
        rows=[
            dict(name="CASA", config="casa", paper=_casa),
            dict(
                name="LA2DS, heart: coordinates",
                config="joint_transformer",
                paper=(0.6895, 0.9152, 0.9493),
            ),
            dict(
                name="LA2DS, diamond: w/o spatial transformer",
                config="no_spatial_transformer",
                paper=(0.6847, 0.9039, 0.9548),
            ),
            _full,
            dict(name="LA2DS + RGB", needs="RGB frames", paper=(0.7065, 0.9367, 0.9737)),
        ],
    ),
    "13": dict(
        title="Effects of different 2D poses (the paper's figures: Penn Action, 13 actions)",
        actions=_two,
        columns=_paper,
        rows=[
            dict(
                name="projected from 3D",
                needs="3D poses of Penn Action",
                paper=(0.9263, 0.9348, 0.9887),
            ),
            dict(
                name="OpenPose",
                needs="OpenPose's poses of Penn Action",
                paper=(0.9695, 0.9563, 0.9905),
            ),
            dict(name="annotated joints", config="paper_cpu", paper=(None, None, None)),
        ],
    ),
    "beyond": dict(
        title="LA2DS+, the recipe beyond the paper, beside CASA trained for as long",
        actions=("baseball_swing", "golf_swing", "jumping_jacks", "pushups", "tennis_forehand"),
        columns=(),
        rows=[
            dict(name=f"{name}, {case}", config=config, test=test, one_model="_all_" in config)
            for name, config in (
                ("CASA", "../baselines/casa_long_penn_action_cpu"),
                ("LA2DS+", "../la2ds_plus_penn_action_cpu"),
                ("LA2DS+, one network", "../la2ds_plus_penn_action_all_cpu"),
            )
            for case, test in (
                ("annotated joints", []),
                ("a limb missing in every frame", ["--corrupt", "missing:1"]),
                ("noise of 1 pixel", ["--corrupt", "noise:1"]),
            )
        ],
    ),
}
