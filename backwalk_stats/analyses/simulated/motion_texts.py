"""What the folder of the SIMULATED motion study says about itself."""

from __future__ import annotations

MOTION_TOML = """\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[motion]
id = "simulated-motion"
title = "SIMULATED: lumbar spine and pelvis in backward and forward walking"
seed = {seed}
recordings = "recordings.csv"   # file, participant, arm, visit, direction ... a row a recording
facing = "+x"                   # axis of the laboratory that people face, and the one that is up
up = "+z"
cutoff = 6.0                    # low-pass filter, hertz; two runs, no lag
order = 4
gap_limit = 5                   # longest gap that is filled, in samples; 0 fills none
nodes = 101
leave_out_odd = false           # cycles far from the others are flagged; true leaves them out too
cardan = "ZXY"                  # flexion, side bend, rotation
permutations = 10000

[arms]
reference = "forward"
names = {{ backward = "Backward walking", forward = "Forward walking" }}

[visits]
baseline = "W0"
order = ["W0", "W6"]

# Layouts of delimited exports; the recording says which one it has.
[[format]]
name = "walk"
skip_rows = 1
time = "time"
angle_unit = "deg"
length_unit = "m"

[format.angles]                 # signal = column
pelvis_flexion = "pelvis_flexion"
pelvis_side_bend = "pelvis_side_bend"
pelvis_rotation = "pelvis_rotation"
lumbar_flexion = "lumbar_flexion"
lumbar_side_bend = "lumbar_side_bend"
lumbar_rotation = "lumbar_rotation"
hip_flexion = "hip_flexion"
knee_flexion = "knee_flexion"

[format.markers]                # marker = its three columns
LHEE = ["heel_left_x", "heel_left_y", "heel_left_z"]
LTOE = ["toe_left_x", "toe_left_y", "toe_left_z"]
RHEE = ["heel_right_x", "heel_right_y", "heel_right_z"]
RTOE = ["toe_right_x", "toe_right_y", "toe_right_z"]
SACR = ["sacrum_x", "sacrum_y", "sacrum_z"]

[[format]]
name = "bend"
skip_rows = 1
time = "time"

[format.angles]
pelvis_flexion = "pelvis_flexion"
lumbar_flexion = "lumbar_flexion"

[markers]                       # what a foot is, for events
heel_left = "LHEE"
toe_left = "LTOE"
heel_right = "RHEE"
toe_right = "RTOE"
sacrum = "SACR"

# Segments from markers, where a file holds no angles (C3D): two of three axes each.
[segments.pelvis]
right = ["RASI", "RPSI"]
left = ["LASI", "LPSI"]
front = ["LASI", "RASI"]
back = ["LPSI", "RPSI"]

[segments.lumbar]
right = ["LUMR"]
left = ["LUML"]
up = ["LUMU"]
down = ["LUMD"]

[segments.thigh]
right = ["LKNM"]
left = ["LKNL"]
up = ["LHIP"]
down = ["LKNL", "LKNM"]

[segments.shank]
right = ["LSHM"]
left = ["LSHL"]
up = ["LSHU"]
down = ["LSHL", "LSHM"]

[[joint]]
name = "pelvis"
proximal = "space"
distal = "pelvis"

[[joint]]
name = "lumbar"
proximal = "pelvis"
distal = "lumbar"

[[joint]]
name = "hip"
proximal = "pelvis"
distal = "thigh"
kind = "hip"

[[joint]]
name = "knee"
proximal = "thigh"
distal = "shank"
kind = "knee"

[[coupling]]
name = "lumbopelvic"
proximal = "pelvis_rotation"
distal = "lumbar_rotation"

[repositioning]
file = "repositioning.csv"
participant = "id"
arm = "group"
visit = "visit"
target = "target"
trials = ["t1", "t2", "t3", "t4", "t5"]

[[curve_test]]
test = "baseline-adjusted"      # between arms at a visit, adjusted for the baseline curve
signal = "lumbar_flexion"
direction = "backward"
visit = "W6"

[[curve_test]]
test = "paired"                 # backward against forward walking, within people
signal = "lumbar_flexion"
visit = "W0"

[[curve_test]]
test = "arm-by-visit"
signal = "lumbar_flexion"
direction = "backward"

[[curve_test]]
test = "pointwise-model"
signal = "lumbar_flexion"
direction = "backward"
visit = "W6"
"""

README = """\
# A simulated motion study

**SIMULATED. Invented people: no person stands behind a file, and nothing here is evidence on
backward walking.**

{n} people in two arms walk on a treadmill, forwards and backwards, before and after six weeks, and
bend forwards once. `backwalk motion features data/example_motion/motion.toml` turns the files into
features, `backwalk motion curves data/example_motion/motion.toml` compares whole curves.

| file | |
|---|---|
| `motion.toml` | what the files hold, and every choice |
| `recordings.csv` | whose file it is, which visit, which direction |
| `*.c3d` | markers, of the first two people |
| `*.mot`, `*.trc` | angles and markers as OpenSim writes them, of the next two |
| `*.csv` | an export of angles and markers, of the others; every `*_bend.csv` is a bend |
| `repositioning.csv` | five trials to find 20 degrees again |
| `SOURCE.toml` | generator, seed and hashes |

What is known, because it was put in: after six weeks those who trained backward walking have two
degrees more lumbar flexion around toe-off (60 % of a cycle walked forwards; walked backwards, with
time turned round, that is around contact), and their lumbar rotation lags the pelvic one
by 12 degrees more. Posture differs between people by six degrees (a standard deviation).

The generator is `backwalk_stats.analyses.simulated.motion.simulated_motion`; the same seed gives
the same bytes, and a test holds it.
"""

SOURCE = """\
# What each file of this folder is, where it comes from, and the hash it must have.

name = "simulated motion study of backward and forward walking"
collected = "2026-11"
collected_how = "SIMULATED for this project: invented people; no person stands behind a file."
generator = "backwalk_stats.analyses.simulated.motion.simulated_motion"
seed = {seed}
licence = "That of this project."
"""
