"""A wall of card-index drawers, one of them open, and a man's shadow."""

from truthlytics.demo.images.engraving.engrave import GREEN, MIST, PAPER, RED, Plate
from truthlytics.demo.images.engraving.shapes import curve, ellipse, rect
from truthlytics.demo.images.engraving.solid import Camera, box, solid
from truthlytics.demo.images.engraving.tone import across, darker, down, least, radial, soft, uneven

COLUMNS, ROWS, WIDE, HIGH = 7, 6, 124, 92
LEFT, TOP = 16, 22
OPEN = (4, 3)
LIGHT = (600, 300)


def draw():
    """Return the complete plate."""
    plate = Plate("A wall of card-index drawers; one is open, and the shadow of a man falls across the rest")
    shadow = soft([_man()], 2.2, 0.55)
    dark = radial(*LIGHT, 620, 0.0, 0.62, 0.9)
    plate.area(rect(-5, -5, 910, 610), least(0.95, darker(0.72, dark, shadow)), angle=90, pitch=6.5, edge=0)
    for row in range(ROWS):
        for column in range(COLUMNS):
            if (column, row) != OPEN:
                _drawer(plate, column, row, darker(dark, shadow))
    # Crossed lines with a clean edge make the shadow a figure; the tone alone would leave a stain.
    plate.area(_man(), 0.62, angle=90, pitch=6.5, fill=None, edge=0)
    _open(plate)
    return plate


def _man():
    """The shadow: head, hat, shoulders and an arm reaching for the open drawer."""
    outline = [
        (-40, 640),
        (-24, 470),
        (18, 392),
        (92, 352),
        (150, 338),
        (158, 312),
        (132, 282),
        (124, 226),
        (104, 222),
        (100, 210),
        (128, 200),
        (140, 150),
        (186, 132),
        (238, 146),
        (252, 192),
        (288, 200),
        (286, 214),
        (262, 220),
        (262, 262),
        (248, 300),
        (228, 322),
        (234, 340),
        (292, 352),
        (344, 378),
        (420, 404),
        (478, 398),
        (498, 404),
        (486, 418),
        (500, 428),
        (470, 442),
        (410, 446),
        (350, 440),
        (340, 640),
    ]
    return curve(outline, count=4)


def _drawer(plate, column, row, dark):
    x, y = LEFT + column * WIDE, TOP + row * HIGH
    front = rect(x + 5, y + 5, WIDE - 10, HIGH - 10)
    fill = GREEN if (column, row) in ((1, 0), (6, 1), (2, 4), (5, 5), (4, 1)) else PAPER
    bevel = across(x, x + WIDE, 0.1, 0.26)
    plate.area(front, least(0.93, uneven(darker(dark, bevel), 0.06, column + row)), pitch=6, fill=fill, edge=2.4)
    label = rect(x + 34, y + 20, WIDE - 68, 22)
    plate.area(label, least(0.8, dark), pitch=4, edge=2)
    cx, cy = x + WIDE / 2, y + 56
    pull = [(cx - 17, cy), *ellipse(cx, cy, 17, 13, 3.1416, 0, 12), (cx + 17, cy)]
    plate.area(pull, darker(dark, across(cx - 17, cx + 17, 0.0, 0.6)), angle=90, pitch=3.6, edge=2.2)


def _open(plate):
    x, y = LEFT + OPEN[0] * WIDE, TOP + OPEN[1] * HIGH
    camera = Camera((0, 0, -900), focus=900, centre=(450, 178))
    hole = rect(x + 3, y + 3, WIDE - 6, HIGH - 6)
    plate.fill(hole)
    left, low, near = x + 8 - 450, 178 - (y + HIGH - 8), -330
    cast = [(x + 8, y + HIGH), (x + WIDE + 40, y + HIGH - 10), (x + WIDE + 190, y + 268), (x + 90, y + 286)]
    plate.area(cast, soft([cast], 16, 0.85), angle=90, pitch=6.5, fill=None, edge=0)
    w, h = WIDE - 16, HIGH - 20
    solid(plate, camera, box(left, low, near, 5, h, -near), {"top": 0.0, "side": 0.5}, fill=PAPER, pitch=5, halo=8)
    solid(
        plate, camera, box(left + w - 5, low, near, 5, h, -near), {"top": 0.0, "side": 0.6}, fill=PAPER, pitch=5, halo=8
    )
    inside = camera.all(
        [
            (left + 5, low + 24, near),
            (left + w - 5, low + 24, near),
            (left + w - 5, low + 24, 0),
            (left + 5, low + 24, 0),
        ]
    )
    plate.fill(inside)
    for k in range(15):
        z = -14 - k * 19
        if k in (4, 5, 10):
            continue  # gaps: what is not in the drawer nobody else can find
        tall = h + (16 if k == 8 else 0) - (k * 7 % 5) * 2
        card = camera.all(
            [
                (left + 9, low, z),
                (left + w - 9, low, z),
                (left + w - 9, low + tall, z + 7),
                (left + 9, low + tall, z + 7),
            ]
        )
        top = card[2][1]
        plate.area(card, down(top + 2, top + 26, 0.0, 0.9), pitch=4, fill=MIST if k % 4 == 1 else PAPER, edge=1.8)
    panel = box(left - 4, low - 5, near - 12, w + 8, h + 6, 12)
    solid(
        plate,
        camera,
        panel,
        {"top": 0.0, "front": across(620, 860, 0.05, 0.5), "side": 0.7},
        fill=PAPER,
        fills={"front": RED},
        pitch=6.5,
        edge=3,
        halo=9,
    )
    a, b, _, d = camera.all([panel[0], panel[1], panel[3], panel[2]])
    wide, cx = b[0] - a[0], (a[0] + b[0]) / 2
    plate.area(rect(cx - wide * 0.26, d[1] + wide * 0.16, wide * 0.52, wide * 0.19), 0, edge=2.4)
    cy = d[1] + wide * 0.5
    pull = [(cx - 26, cy), *ellipse(cx, cy, 26, 20, 3.1416, 0, 14), (cx + 26, cy)]
    plate.area(pull, across(cx - 26, cx + 26, 0.0, 0.7), angle=90, pitch=4, edge=2.6)
