"""An open kitchen drawer full of postmarked letters."""

from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, parallels
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect
from truthlytics.demo.images.engraving.solid import Camera, box, face, solid
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft

CAMERA = Camera((0.0, 1.32, -0.6), pitch=-55, focus=720, centre=(450, 336))
WIDE, DEEP, SIDE, RIM = 1.16, 0.9, 0.035, 0.3  # metres; the rim is the height of the drawer's walls
TRAY = -0.3  # where the cutlery ends and the letters begin


def draw():
    """Return the complete plate."""
    plate = Plate("An open kitchen drawer; beside a few spoons stand two files of letters with postmarks")
    _kitchen(plate)
    _inside(plate)
    _cutlery(plate)
    _letters(plate, Random(8))
    _front(plate)
    return plate


def _quad(*corners):
    return CAMERA.all(corners)


def _kitchen(plate):
    plate.area(rect(-5, -5, 910, 610), radial(330, 250, 720, 0.6, 0.94), angle=35, pitch=8, edge=0)
    fascia = _quad((-3, -1.2, DEEP), (3, -1.2, DEEP), (3, 0.46, DEEP), (-3, 0.46, DEEP))
    shade = soft([_quad((-0.5, -0.9, DEEP), (1.05, -0.9, DEEP), (0.95, 0.36, DEEP), (-0.6, 0.36, DEEP))], 30, 0.6)
    face(plate, fascia, darker(across(-60, 960, 0.16, 0.5), shade), run=1, pitch=8, fill=GREEN, edge=2.6)
    w = WIDE / 2 + 0.05
    plate.fill(_quad((-w, -0.05, DEEP), (w, -0.05, DEEP), (w, 0.42, DEEP), (-w, 0.42, DEEP)))


def _inside(plate):
    w = WIDE / 2
    bottom = _quad((-w, 0, 0), (w, 0, 0), (w, 0, DEEP), (-w, 0, DEEP))
    face(plate, bottom, 0.86, pitch=7, edge=2)
    tray = _quad((-w, 0.12, 0), (TRAY, 0.12, 0), (TRAY, 0.12, DEEP), (-w, 0.12, DEEP))
    shade = soft([_quad((-w, 0.12, 0), (-w + 0.1, 0.12, 0), (-w + 0.08, 0.12, DEEP), (-w, 0.12, DEEP))], 9, 0.8)
    face(plate, tray, darker(down(0, 420, 0.7, 0.3), shade), run=1, pitch=6.5, fill=SAND, edge=2)
    for x in (-w - SIDE, w):
        solid(
            plate,
            CAMERA,
            box(x, -0.05, 0, SIDE, RIM + 0.05, DEEP),
            {"top": 0.0, "right": 0.84, "left": 0.36},
            fill=SAND,
            pitch=6.5,
            edge=2.4,
        )


def _cutlery(plate):
    """Two spoons and a fork, seen from above."""
    for (x, z), turn, kind in (
        ((-0.51, 0.44), 0.08, "spoon"),
        ((-0.43, 0.36), 0.02, "fork"),
        ((-0.36, 0.47), 0.05, "spoon"),
    ):
        cx, cy = CAMERA.at((x, 0.13, z))
        scale = 1.05
        handle = [(-3, -20), (3, -20), (4.5, 70), (6, 92), (0, 98), (-6, 92), (-4.5, 70)]
        head = (
            ellipse(0, -46, 15, 27)
            if kind == "spoon"
            else [
                (-3, -20),
                (-13, -34),
                (-13, -72),
                (-9, -72),
                (-7.5, -42),
                (-5, -42),
                (-3, -72),
                (3, -72),
                (5, -42),
                (7.5, -42),
                (9, -72),
                (13, -72),
                (13, -34),
                (3, -20),
            ]
        )
        parts = [move(p, cx, cy, scale, turn) for p in (handle, head)]
        plate.halo(parts, 4, INK)
        for part in parts:
            plate.area(part, across(cx - 4, cx + 14, 0.0, 0.55), angle=90, pitch=3.6, edge=1.8)


def _letters(plate, dice):
    """Two rows of leaning letters, back to front, some taller than others."""
    for column, left in enumerate((TRAY + 0.02, TRAY + 0.45)):
        z, k = DEEP - 0.1, 0
        while z > 0.1:
            _letter(plate, dice, left, z, column, k)
            z -= dice.uniform(0.046, 0.07)
            k += 1


def _letter(plate, dice, left, z, column, k):
    wide, lean, red = 0.405, 0.07, (column, k) in ((0, 6), (1, 3))
    x, tilt = left + dice.uniform(-0.008, 0.014), dice.uniform(-0.016, 0.016)
    high = 0.27 + dice.uniform(-0.01, 0.012) + (0.09 if red else 0.045 if (column, k) in ((1, 8), (0, 2)) else 0)
    sheet = _quad(
        (x, 0.02, z - lean), (x + wide, 0.02, z - lean), (x + wide, high + tilt, z + lean), (x, high - tilt, z + lean)
    )
    fill = PAPER if red else dice.choice((PAPER, PAPER, SAND, MIST))
    d, c = sheet[3], sheet[2]
    top = (c[1] + d[1]) / 2
    plate.area(sheet, down(top + 8, top + 46, 0.0, 0.85, 1.3), parallels(sheet, 0, 4.8), fill=fill, edge=2)
    sx, sy = c[0] - 30, c[1] + 6
    plate.area(rect(sx, sy, 22, 26), 0.3 if red else 0.5, angle=45, pitch=4, fill=RED if red else fill, edge=1.7)
    for radius in (12, 8):
        plate.line(ellipse(sx - 12, sy + 13, radius, radius * 0.92), 1.6)
    for i in range(3):
        plate.line(curve([(sx - 62 + 12 * j, sy + 8 + i * 6 + (2 if j % 2 else -2)) for j in range(4)], count=4), 1.3)


def _front(plate):
    w = WIDE / 2
    panel = box(-w - 0.1, -0.3, -0.06, WIDE + 0.2, RIM + 0.36, 0.06)
    solid(
        plate,
        CAMERA,
        panel,
        {"top": 0.0, "front": across(60, 860, 0.22, 0.56), "side": 0.8},
        fill=SAND,
        fills={"front": GREEN},
        pitch=7.5,
        edge=3,
        halo=9,
    )
    inset = _quad((-w, -0.2, -0.065), (w, -0.2, -0.065), (w, RIM - 0.04, -0.065), (-w, RIM - 0.04, -0.065))
    plate.line([*inset, inset[0]], 2.6)
    x, y = CAMERA.at((0, 0.1, -0.1))
    cup = [(x - 66, y - 14), *ellipse(x, y - 12, 66, 42, 3.14159, 0, 20), (x + 66, y - 14)]
    plate.halo([cup], 6)
    plate.area(cup, across(x - 66, x + 66, 0.02, 0.8), angle=90, pitch=5, edge=2.8)
