# The paper's ablation tables and those beyond them: what tools/run_ablation.py runs. A row names a
# config by its path from this folder and the paper's figures for it; if it needs what is not at
# hand, it says what, and is not run.
_five = ("baseball_swing", "golf_swing", "jumping_jacks", "pushups", "tennis_forehand")
_two = ("golf_swing", "tennis_forehand")
_paper = ("acc@1.0", "progress", "tau")
_full = dict(name="LA2DS", config="paper_cpu", paper=(0.7012, 0.9280, 0.9670))
_h2o = "H2O's hands (projected, unless a row says 3D)"
_losses = "LA2DS with the loss of the CPU recipe, CASA with its own (Eq. 4 in one direction)"
_needs_3d, _casa_3d = "H2O's 3D poses", "../baselines/casa_3d_h2o"
# Its reader gives OpenPose's and annotated poses alike.
_ikea = ("../la2ds_ikea_asm", "../fusion/la2ds_rgb_pose_ikea_asm")
_peers = (
    ("SAL: order verification", "sal"),
    ("TCN: time contrast, one view", "tcn"),
    ("TCC: cycle consistency", "tcc"),
    ("TCC + TCN", "tcc_tcn"),
    ("LAV: soft-DTW and contrastive IDM", "lav"),
    ("VAVA: optimal transport with priors", "vava"),
    ("VSP: Brownian bridges", "vsp"),
    ("STEPs: bootstrapped contrast", "steps"),
    ("CARL: sequence contrast", "carl"),
    ("VAOT: fused Gromov-Wasserstein", "vaot"),
    ("D2TW: smooth DTW", "d2tw"),
    ("GTCC: cycles over mixtures", "gtcc"),
)
tables = {
    "1": dict(
        title="Effects of different network components",
        paper_data=_h2o,
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
        paper_data=_h2o,
        actions=_two,
        columns=_paper,
        rows=[
            dict(name="limbs", config="limbs", paper=(0.6772, 0.9101, 0.9614)),
            dict(name="joints", config="joints", paper=(0.6609, None, 0.9646)),
            dict(_full, name="limbs + joints"),
        ],
    ),
    "3": dict(
        title=f"Robustness against missing keypoints; {_losses}",
        paper_data=_h2o,
        actions=_two,
        columns=("acc@1.0",),
        rows=[
            dict(
                name=f"{name}, p = {p}",
                config=config,
                needs=needs,
                paper=(figure,),
                test=[] if p == 0 else ["--corrupt", f"missing:{p}"],
            )
            for name, config, needs, figures in (
                ("CASA in 3D", _casa_3d, _needs_3d, (0.6878, 0.6668, None, 0.6093)),
                ("CASA", "casa", "", (None,) * 4),
                ("LA2DS", "paper_cpu", "", (0.7012, 0.6954, 0.6902, 0.6894)),
            )
            for p, figure in zip((0, 0.25, 0.5, 1), figures, strict=True)
            if figure or not needs
        ],
    ),
    "4": dict(
        title=f"Robustness against noisy keypoints (training, test; C clean, N noisy); {_losses}",
        paper_data=_h2o,
        actions=_two,
        columns=("acc@1.0",),
        rows=[
            dict(
                name=f"{name}, {case}",
                config=config,
                needs=needs,
                paper=(figure,),
                train=["--corrupt", "noise:1"] if case[0] == "N" else [],
                test=options,
            )
            for name, config, needs, figures in (
                ("CASA in 3D", _casa_3d, _needs_3d, (0.6878, 0.6515, 0.6509, 0.6369, None)),
                ("CASA", "casa", "", (None,) * 5),
                ("LA2DS", "paper_cpu", "", (0.7012, 0.6859, 0.6875, 0.6823, None)),
            )
            for case, options, figure in zip(
                ("C, C", "C, N", "N, C", "N, N", "C, N of 2 pixels"),
                (
                    [],
                    ["--corrupt", "noise:1", "--corrupt-on", "test"],
                    ["--corrupt", "noise:1", "--corrupt-on", "train"],
                    ["--corrupt", "noise:1", "--corrupt-on", "both"],
                    ["--corrupt", "noise:2", "--corrupt-on", "test"],
                ),
                figures,
                strict=True,
            )
            if figure or not needs
        ],
    ),
    "10": dict(
        title="Effects of different augmentations",
        paper_data=_h2o,
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
        title=f"Effects of different method parts; {_losses}",
        paper_data=_h2o,
        actions=_two,
        columns=_paper,
        rows=[
            dict(
                name="CASA in 3D", config=_casa_3d, needs=_needs_3d, paper=(0.6878, 0.9107, 0.9438)
            ),
            dict(name="CASA", config="casa"),
            dict(name="ST-GCN in front of CASA's attention", config="stgcn_casa"),
            dict(
                name="LA2DS, heart in 3D",
                config="joint_transformer_3d",
                needs=_needs_3d,
                paper=(0.6895, 0.9152, 0.9493),
            ),
            dict(name="LA2DS, heart: coordinates", config="joint_transformer"),
            dict(
                name="LA2DS, diamond: w/o spatial transformer",
                config="no_spatial_transformer",
                paper=(0.6847, 0.9039, 0.9548),
            ),
            _full,
            dict(
                name="LA2DS + RGB",
                config="../fusion/la2ds_rgb_pose_h2o",
                needs="H2O's frames",
                paper=(0.7065, 0.9367, 0.9737),
            ),
        ],
    ),
    "13": dict(
        title="Effects of different 2D poses",
        paper_data="all of Penn Action (13 actions) or IKEA ASM",
        actions=_two,
        columns=_paper,
        rows=[
            dict(
                name="projected",
                config="projected",
                needs="CASA's 3D poses of Penn Action",
                paper=(0.9263, 0.9348, 0.9887),
            ),
            dict(
                name="projected + RGB",
                config="projected_rgb",
                needs="CASA's 3D poses and the frames of Penn Action",
                paper=(0.9357, 0.9507, 0.9903),
            ),
            dict(
                name="OpenPose",
                config="openpose",
                needs="OpenPose's poses of Penn Action",
                paper=(0.9695, 0.9563, 0.9905),
            ),
            dict(
                name="OpenPose + RGB",
                config="openpose_rgb",
                needs="OpenPose's poses and the frames of Penn Action",
                paper=(0.9754, 0.9633, 0.9906),
            ),
            dict(name="annotated joints", config="paper_cpu"),
            *(
                dict(
                    name=f"IKEA ASM, {poses}{rgb}",
                    config=config,
                    needs=f"{poses} poses{' and frames' if rgb else ''} of IKEA ASM",
                    paper=(figure, None, None),
                )
                for poses, configs, figures in (
                    (
                        "projected",
                        ("projected_ikea_asm", "projected_rgb_ikea_asm"),
                        (0.3473, 0.3618),
                    ),
                    ("OpenPose", _ikea, (0.3441, 0.3633)),
                    ("annotated", _ikea, (0.3586, 0.3883)),
                )
                for rgb, config, figure in zip(("", " + RGB"), configs, figures, strict=True)
            ),
        ],
    ),
    "beyond": dict(
        title="LA2DS+, the recipe beyond the paper, beside CASA",
        actions=_five,
        columns=(),
        rows=[
            dict(
                name="CASA, as many steps, annotated joints",
                config="../baselines/casa_penn_action_cpu",
            ),
            *(
                dict(name=f"{name}, {case}", config=config, test=test, one_model="_all_" in config)
                for name, config in (
                    ("CASA, as long", "../baselines/casa_long_penn_action_cpu"),
                    ("LA2DS+", "../la2ds_plus_penn_action_cpu"),
                    ("LA2DS+, one network", "../la2ds_plus_penn_action_all_cpu"),
                )
                for case, test in (
                    ("annotated joints", []),
                    ("a limb missing in every frame", ["--corrupt", "missing:1"]),
                    ("noise of 1 pixel", ["--corrupt", "noise:1"]),
                )
            ),
        ],
    ),
    "peers": dict(
        title="Other methods' losses on one network for all actions, that of LA2DS+'s third member",
        actions=_five,
        columns=(),
        rows=[
            dict(name=name, config=config, one_model=True)
            for name, config in (
                *((name, f"../baselines/shared/{config}") for name, config in _peers),
                ("ViViT on heatmaps + LAV", "../baselines/frames/lav_heatmaps_penn_action_cpu"),
                ("CASA: Eq. 4 in one direction", "../baselines/shared/casa"),
                ("LA2DS, CPU recipe: Eq. 4 and soft labels", "../baselines/shared/la2ds"),
                ("LA2DS+: these, and between clips", "plus_linear_all"),
                ("supervised twin", "../baselines/shared/supervised"),
            )
        ],
    ),
    "peers_faithful": dict(
        title="Other methods with encoders as their papers have them, one network for all actions",
        actions=_five,
        columns=(),
        rows=[
            dict(name=name, config=f"../baselines/faithful/{config}", one_model=True)
            for name, config in _peers
        ],
    ),
}
