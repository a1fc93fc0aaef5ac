"""A hospital corridor at night with a partly empty rota on the wall."""

from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, MIST, PAPER, RED, Plate
from truthlytics.demo.images.engraving.solid import Camera, box, face, solid
from truthlytics.demo.images.engraving.tone import darker, radial, soft

CAMERA = Camera((0.35, 1.45, -3.1), focus=640, centre=(560, 285))
WIDE, HIGH, DEEP, NEAR = 1.75, 2.75, 17.0, -2.6


def draw():
    """Return the complete plate."""
    plate = Plate("A hospital corridor with an empty bed; on the wall a rota of squares, many of them blank")
    _shell(plate)
    _end(plate)
    _doors(plate)
    _rota(plate)
    _bed(plate)
    return plate


def _quad(*corners):
    return CAMERA.all(corners)


def _shell(plate):
    cx, cy = CAMERA.at((0, 1.2, DEEP))
    dark = radial(cx, cy, 620, 0.06, 0.82, 0.75)
    floor = _quad((-WIDE, 0, NEAR), (WIDE, 0, NEAR), (WIDE, 0, DEEP), (-WIDE, 0, DEEP))
    shine = soft([[(cx - 26, cy), (cx + 26, cy), (cx + 120, 620), (cx - 120, 620)]], 40, 0.75)
    gloss = lambda x, y: dark(x, y) * (1 - shine(x, y)) * 0.9
    face(plate, floor, darker(gloss, _bed_shadow()), run=0, pitch=8, edge=2.6)
    ceiling = _quad((-WIDE, HIGH, DEEP), (WIDE, HIGH, DEEP), (WIDE, HIGH, NEAR), (-WIDE, HIGH, NEAR))
    face(plate, ceiling, darker(dark, 0.3), run=0, pitch=8, edge=2.6)
    for z in (0.6, 4.2, 7.8, 11.4, 15):
        lamp = _quad(
            (-0.35, HIGH - 0.02, z), (0.55, HIGH - 0.02, z), (0.55, HIGH - 0.02, z + 1.3), (-0.35, HIGH - 0.02, z + 1.3)
        )
        plate.fill(lamp, PAPER)
        plate.line([*lamp, lamp[0]], 1.8)
    left = _quad((-WIDE, HIGH, NEAR), (-WIDE, HIGH, DEEP), (-WIDE, 0, DEEP), (-WIDE, 0, NEAR))
    face(plate, left, darker(0.0, lambda x, y: 0.25 + dark(x, y) * 0.42), run=0, pitch=9, edge=2.2)
    right = _quad((WIDE, HIGH, DEEP), (WIDE, HIGH, NEAR), (WIDE, 0, NEAR), (WIDE, 0, DEEP))
    face(plate, right, darker(dark, 0.22), run=0, pitch=9, edge=2.2)
    for x in (-WIDE, WIDE):
        rail = _quad((x, 0.98, NEAR), (x, 0.98, DEEP), (x, 0.84, DEEP), (x, 0.84, NEAR))
        plate.fill(rail, GREEN)
        plate.line([*rail, rail[0]], 1.8)


def _end(plate):
    wall = _quad((-WIDE, 0, DEEP), (WIDE, 0, DEEP), (WIDE, HIGH, DEEP), (-WIDE, HIGH, DEEP))
    plate.area(wall, 0.3, pitch=4, edge=2)
    window = _quad((-0.9, 0.1, DEEP), (0.9, 0.1, DEEP), (0.9, 2.2, DEEP), (-0.9, 2.2, DEEP))
    plate.area(window, 0, edge=2)
    plate.line(_quad((0, 0.1, DEEP), (0, 2.2, DEEP)), 2)


def _doors(plate):
    for z in (1.9, 5.2, 9.0, 13.0):
        door = _quad((WIDE, 2.1, z + 1.2), (WIDE, 2.1, z), (WIDE, 0, z), (WIDE, 0, z + 1.2))
        face(plate, door, 0.78, run=1, pitch=6, fill=MIST, edge=2.2)
    for z in (5.4, 9.0, 13.0):
        door = _quad((-WIDE, 2.1, z), (-WIDE, 2.1, z + 1.2), (-WIDE, 0, z + 1.2), (-WIDE, 0, z))
        face(plate, door, 0.4, run=1, pitch=5, fill=MIST, edge=2)


def _rota(plate):
    dice = Random(11)
    x, low, high, near, far = -WIDE + 0.02, 1.12, 2.5, -1.15, 3.6
    board = _quad((x, high, near), (x, high, far), (x, low, far), (x, low, near))
    plate.halo([board], 12)
    plate.area(board, 0.0, edge=3.4)
    columns, rows = 10, 6
    for c in range(columns):
        for r in range(rows):
            z0, z1 = (near + (far - near) * (c + e) / columns for e in (0.12, 0.9))
            y0, y1 = (high - (high - low) * (r + e) / rows for e in (0.14, 0.88))
            cell = _quad((x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0))
            empty = dice.random() < (0.12 + 0.06 * c)
            if (c, r) in ((3, 2), (3, 3), (5, 2)):
                plate.area(cell, 0, fill=RED, edge=2)
            elif empty or (c > 6 and r > 1):
                plate.line([*cell, cell[0]], 1.3)
            else:
                face(
                    plate,
                    cell,
                    dice.choice((0.25, 0.5, 0.8)),
                    run=r % 2,
                    pitch=4.6,
                    fill=dice.choice((GREEN, MIST)),
                    edge=1.6,
                )


BED = 0.62, 0.2, 2.1, 0.95  # its left side, foot, length and width in metres


def _bed_shadow():
    left, near, long, wide = BED
    return soft(
        [
            _quad(
                (left - 0.25, 0, near - 0.25),
                (left + wide, 0, near - 0.25),
                (left + wide, 0, near + long),
                (left - 0.25, 0, near + long),
            )
        ],
        9,
        0.9,
    )


def _bed(plate):
    left, near, long, wide = BED
    solid(plate, CAMERA, box(left, 0.4, near, wide, 0.12, long), {"front": 0.9, "top": 0.3, "side": 0.9}, pitch=5)
    solid(
        plate,
        CAMERA,
        box(left + 0.02, 0.5, near + 0.02, wide - 0.04, 0.22, long - 0.04),
        {"front": 0.3, "top": 0.06, "side": 0.55},
        pitch=6,
        halo=6,
        edge=2.4,
    )
    solid(
        plate,
        CAMERA,
        box(left + 0.12, 0.72, near + long - 0.6, wide - 0.24, 0.13, 0.45),
        {"front": 0.25, "top": 0.0, "side": 0.5},
        pitch=5,
        edge=2.2,
    )
    for z, top in ((near + long, 1.15), (near, 0.95)):
        a, b, c, d = _quad((left, 0.03, z), (left, top, z), (left + wide, top, z), (left + wide, 0.03, z))
        plate.line([a, b, c, d], 9, PAPER)
        plate.line([a, b, c, d], 5)
