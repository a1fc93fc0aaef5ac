"""Pensioners counting ballots under a lamp at night."""

from math import cos, sin
from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, least, radial, soft, uneven

LAMP = (450, 92)
TABLE = 424


def draw():
    """Return the complete plate."""
    plate = Plate("Under one lamp three elderly counters sit behind high piles of ballots at a long table")
    _wall(plate)
    _clock(plate, 742, 118)
    _counter(plate, 182, 1.0, "bun", 10)
    _counter(plate, 726, 1.0, "bob", -12)
    _counter(plate, 456, 1.08, "bald", 0)
    _table(plate)
    _piles(plate, Random(3))
    _lamp(plate)
    return plate


def _wall(plate):
    cone = soft([[LAMP, (40, 620), (860, 620)], [LAMP, (180, 620), (720, 620)]], 60, 1.0)
    dark = lambda x, y: 0.9 - 0.72 * cone(x, y) * (0.5 + 0.5 * max(0, 1 - (y - 90) / 560))
    plate.area(rect(-5, -5, 910, 450), least(0.88, uneven(dark, 0.04)), angle=90, pitch=8, wave=1.6, edge=0)


def _clock(plate, x, y):
    """A clock showing twenty to four, with strokes instead of numerals."""
    face = ellipse(x, y, 50)
    plate.halo([face], 7)
    plate.area(face, across(x - 60, x + 50, 0.0, 0.3), angle=90, pitch=5, edge=4.5)
    for k in range(12):
        a = k * 0.5236
        plate.line([(x + 40 * cos(a), y + 40 * sin(a)), (x + 45 * cos(a), y + 45 * sin(a))], 3 if k % 3 == 0 else 1.8)
    for hour, length, width in ((3.67, 22, 5), (8.0, 36, 3.2)):
        a = hour * 0.5236 - 1.5708
        plate.line([(x, y), (x + length * cos(a), y + length * sin(a))], width)


def _counter(plate, x, k, style, lean):
    """A counter bent over a pile: shoulders, head, white hair, glasses."""
    at = lambda pts, dx=0: move(pts, x + dx, TABLE + 8, k)
    body = at(curve([(-96, 40), (-94, -40), (-72, -84), (-30, -100), (30, -100), (72, -84), (94, -40), (96, 40)]))
    plate.halo([body], 7)
    side = across(x - 100, x + 100, 0.86, 0.5) if x > 450 else across(x - 100, x + 100, 0.5, 0.86)
    if style == "bald":
        side = lambda px, py: 0.42 + 0.42 * abs(px - x) / 100
    plate.area(body, darker(side, down(TABLE - 90, TABLE, 0, 0.3)), angle=lean * 2 or 90, pitch=6, fill=PAPER, edge=2.6)
    collar = at([(-26, -100), (0, -66), (26, -100), (14, -114), (-14, -114)])
    plate.area(collar, 0, edge=2.2)
    head = at(
        curve(
            [
                (-36, -164),
                (-34, -132),
                (-20, -104),
                (0, -96),
                (20, -104),
                (34, -132),
                (36, -164),
                (22, -192),
                (-22, -192),
            ],
            closed=True,
        ),
        lean,
    )
    cx, cy = at([(0, -146)], lean)[0]
    toward = -14 if x > 456 else 14 if x < 450 else 0
    plate.halo([head], 5)
    plate.area(head, radial(cx + toward, cy - 26, 78, 0.0, 0.72, 1.5), angle=0, pitch=4.8, edge=2.4)
    _hair(plate, at, lean, style)
    for side_x in (-15, 15):
        plate.area(at(ellipse(side_x, -142, 11.5, 9.5), lean), 0.0, edge=2.6)
        plate.line(at([(side_x - 7, -140), (side_x + 7, -140)], lean), 2.4)
    plate.line(at([(-4, -143), (4, -143)], lean), 2.4)
    plate.line(at([(0, -136), (-4, -122), (3, -120)], lean), 2)
    plate.line(at([(-9, -112), (0, -110), (8, -112)], lean), 1.8)


def _hair(plate, at, lean, style):
    shapes = {
        "bun": [
            [(-30, -214), (-14, -232), (14, -232), (26, -214), (10, -200), (-14, -200)],
            [
                (-40, -140),
                (-42, -178),
                (-24, -204),
                (4, -208),
                (32, -196),
                (42, -166),
                (38, -140),
                (30, -168),
                (6, -184),
                (-22, -172),
            ],
        ],
        "bob": [
            [
                (-46, -112),
                (-48, -168),
                (-28, -204),
                (4, -210),
                (36, -198),
                (50, -160),
                (46, -112),
                (32, -118),
                (32, -166),
                (-4, -184),
                (-30, -164),
                (-32, -116),
            ]
        ],
        "bald": [
            [(-40, -136), (-46, -156), (-38, -176), (-32, -160)],
            [(40, -136), (46, -156), (38, -176), (32, -160)],
        ],
    }
    for shape in shapes[style]:
        lock = at(curve(shape, closed=True), lean)
        plate.area(
            lock, down(min(y for _, y in lock), max(y for _, y in lock), 0.02, 0.42), angle=78, pitch=4.4, edge=2.4
        )


def _table(plate):
    top = [(-20, TABLE), (920, TABLE), (980, 540), (-80, 540)]
    pool = darker(radial(450, 470, 560, 0.04, 0.75, 1.2, squash=0.5), 0.0)
    plate.area(top, pool, pitch=7, fill=GREEN, edge=2.8)
    plate.area(rect(-5, 540, 910, 80), down(540, 600, 0.7, 0.96), angle=90, pitch=7, fill=GREEN, edge=2.8)


def _piles(plate, dice):
    for x, base, sheets, w in ((64, 470, 11, 92), (300, 462, 8, 84), (594, 464, 10, 86), (846, 474, 7, 92)):
        _pile(plate, dice, x, base, sheets, w)
    for x, base, sheets, w in ((184, 516, 13, 112), (448, 522, 5, 118), (714, 518, 15, 112)):
        _pile(plate, dice, x, base, sheets, w)
    slip = [(404, 470), (478, 462), (496, 490), (416, 500)]
    plate.area(move(slip, 0, -6), 0, edge=2.2)
    plate.line([(436, 470), (446, 481), (470, 456)], 4.5, RED)


def _pile(plate, dice, x, base, sheets, w):
    """A slightly uneven stack of paper; the top sheet is visible."""
    thick = 9.5
    plate.area(ellipse(x + 8, base + 2, w * 0.66, 12), 0.9, pitch=5, fill=None, edge=0)
    shift = 0
    for k in range(sheets):
        shift = dice.uniform(-5, 5)
        slab = rect(x - w / 2 + shift, base - (k + 1) * thick, w, thick)
        plate.area(
            slab,
            across(x - w * 0.3, x + w * 0.55, 0.0, 0.62) if x > 450 else across(x - w * 0.55, x + w * 0.3, 0.62, 0.0),
            pitch=3.1,
            fill=PAPER if k % 3 else SAND,
            edge=1.8,
        )
    top = base - sheets * thick
    lid = [
        (x - w / 2 + shift, top),
        (x + w / 2 + shift, top),
        (x + w / 2 + shift - 9, top - 15),
        (x - w / 2 + shift + 9, top - 15),
    ]
    plate.area(lid, 0, edge=2.2)
    for i in range(2):
        plate.line([(x - w * 0.24 + shift, top - 5 - i * 5), (x + w * (0.2 - i * 0.1) + shift, top - 5 - i * 5)], 1.4)


def _lamp(plate):
    x, y = LAMP
    plate.line([(x, -5), (x, y - 50)], 4)
    shade = [(x - 15, y - 54), (x + 15, y - 54), (x + 26, y - 36), (x + 92, y), (x - 92, y), (x - 26, y - 36)]
    plate.halo([shade], 8)
    plate.area(shade, across(x - 92, x + 92, 0.35, 0.95), angle=90, pitch=5.5, fill=PAPER, edge=3)
    plate.area(ellipse(x, y, 92, 10), 0, edge=3)
    plate.area(ellipse(x, y + 9, 20, 17), 0, edge=2.6)
