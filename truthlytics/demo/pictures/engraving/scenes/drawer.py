"""A kitchen drawer, pulled open, full of letters that bear postmarks."""

from random import Random

from ..engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, parallels
from ..shapes import curve, ellipse, move, rect
from ..solid import Camera, box, face, solid
from ..tone import across, darker, down, linear, radial, soft

CAMERA = Camera((0.0, 1.62, -1.42), pitch=-44, focus=900, centre=(450, 330))
WIDE, DEEP, SIDE, RIM = 1.16, 0.92, 0.035, 0.3  # metres; the rim is the height of the drawer's walls


def draw():
    """The whole picture."""
    plate = Plate("An open kitchen drawer; where the cutlery should be stand rows of opened letters with postmarks")
    _kitchen(plate)
    _inside(plate)
    _letters(plate, Random(5))
    _front(plate)
    return plate


def _quad(*corners):
    return CAMERA.all(corners)


def _kitchen(plate):
    floor = rect(-5, -5, 910, 610)
    plate.area(floor, radial(450, 300, 640, 0.72, 0.95), angle=35, pitch=8, edge=0)
    worktop = _quad((-3, 0.52, DEEP - 0.12), (3, 0.52, DEEP - 0.12), (3, 0.52, DEEP + 3), (-3, 0.52, DEEP + 3))
    fascia = _quad((-3, -0.9, DEEP), (3, -0.9, DEEP), (3, 0.46, DEEP), (-3, 0.46, DEEP))
    shade = soft([_quad((-0.72, -0.7, DEEP), (0.9, -0.7, DEEP), (0.8, 0.3, DEEP), (-0.72, 0.3, DEEP))], 26, 0.55)
    face(plate, fascia, darker(across(-60, 960, 0.2, 0.46), shade), run=1, pitch=8, fill=GREEN, edge=2.6)
    hole = _quad(
        (-WIDE / 2 - 0.03, -0.05, DEEP),
        (WIDE / 2 + 0.03, -0.05, DEEP),
        (WIDE / 2 + 0.03, 0.4, DEEP),
        (-WIDE / 2 - 0.03, 0.4, DEEP),
    )
    plate.fill(hole)
    face(plate, worktop, across(0, 900, 0.05, 0.3), pitch=9, fill=SAND, edge=2.6)
    lip = _quad((-3, 0.46, DEEP - 0.12), (3, 0.46, DEEP - 0.12), (3, 0.52, DEEP - 0.12), (-3, 0.52, DEEP - 0.12))
    face(plate, lip, 0.6, pitch=5, fill=SAND, edge=2.6)


def _inside(plate):
    w = WIDE / 2
    bottom = _quad((-w, 0, 0), (w, 0, 0), (w, 0, DEEP), (-w, 0, DEEP))
    face(plate, bottom, 0.8, pitch=7, edge=2)
    for x, tone in ((-w, 0.3), (w, 0.72)):
        inner = _quad((x, RIM, 0), (x, RIM, DEEP), (x, 0, DEEP), (x, 0, 0))
        face(plate, inner, tone, pitch=7, edge=2.4)


def _letters(plate, dice):
    """Three files of letters, the far ones first; a few stand higher."""
    for column, left in enumerate((-0.555, -0.175, 0.205)):
        z = DEEP - 0.05
        k = 0
        while z > 0.06:
            _letter(plate, dice, left, z, column, k)
            z -= 0.052
            k += 1


def _letter(plate, dice, left, z, column, k):
    wide, lean = 0.35, 0.05
    x = left + dice.uniform(-0.006, 0.01)
    high = 0.27 + dice.uniform(-0.012, 0.014) + (0.07 if (column, k) in ((0, 6), (1, 11), (2, 4), (2, 13)) else 0)
    sheet = _quad((x, 0.02, z - lean), (x + wide, 0.02, z - lean), (x + wide, high, z + lean), (x, high, z + lean))
    fill = dice.choice((PAPER, PAPER, SAND, MIST))
    a, b, c, d = sheet
    plate.area(sheet, down(c[1] + 4, c[1] + 30, 0.02, 0.9), parallels(sheet, 0, 4.6), fill=fill, edge=1.9)
    red = (column, k) in ((1, 11), (2, 4))
    sx, sy = c[0] - 17, c[1] + 10
    plate.area(rect(sx - 8, sy - 5, 17, 14), 0, fill=RED if red else fill, edge=1.6)


def _front(plate):
    w = WIDE / 2
    for x in (-w - SIDE, w):
        solid(
            plate,
            CAMERA,
            box(x, -0.05, 0, SIDE, RIM + 0.05, DEEP),
            {"top": 0.0, "side": 0.7},
            fill=SAND,
            pitch=6,
            edge=2.4,
        )
    solid(
        plate,
        CAMERA,
        box(-w - 0.1, -0.14, -0.06, WIDE + 0.2, RIM + 0.2, 0.06),
        {"top": 0.0, "front": 0.34, "side": 0.8},
        fill=SAND,
        fills={"front": GREEN},
        pitch=7,
        edge=3,
        halo=9,
    )
    inset = _quad((-w, -0.06, -0.065), (w, -0.06, -0.065), (w, RIM - 0.04, -0.065), (-w, RIM - 0.04, -0.065))
    plate.line([*inset, inset[0]], 2.4)
    x, y = CAMERA.at((0, 0.12, -0.1))
    cup = [(x - 62, y - 14), *ellipse(x, y - 12, 62, 40, 3.14159, 0, 20), (x + 62, y - 14)]
    plate.halo([cup], 6)
    plate.area(cup, across(x - 62, x + 62, 0.1, 0.8), angle=90, pitch=5, edge=2.8)
