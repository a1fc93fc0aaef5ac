"""A parliament late at night: curved rows of empty seats, five members, and a clock."""

from math import cos, radians, sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.figures import bust, hair
from truthlytics.demo.images.engraving.shapes import curve, ellipse, rect, rounded
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, uneven

CENTRE = (450, 700)
# Rows from back to front: radius across, radius up, seats, size.
ROWS = ((640, 420, 19, 50), (560, 336, 16, 57), (478, 248, 13, 65), (392, 156, 9, 74))
PRESENT = {(0, 6): 0, (1, 10): 1, (2, 3): 2, (2, 8): 3, (3, 5): 0}  # row and seat, and a style of hair
VOTING = {(2, 3), (3, 5), (1, 10)}


def draw():
    """Return the complete plate."""
    plate = Plate("Curved rows of empty seats in a parliament; a handful of members raise a red card below a clock")
    _wall(plate)
    _clock(plate, 450, 104, 62)
    for number, row in enumerate(ROWS):
        _row(plate, number, *row)
    _desk(plate)
    return plate


def _wall(plate):
    light = radial(450, 150, 620, 0.1, 0.9, 0.9)
    panels = lambda x, y: darker(light, 0.45 if x % 75 < 5 else 0.0)(x, y)
    plate.area(rect(-5, -5, 910, 420), uneven(panels, 0.04), angle=90, pitch=7.5, edge=0)
    plate.area(rect(-5, 214, 910, 12), light, pitch=4, edge=2.2)
    for x in (130, 770):
        plate.area(rect(x - 26, 60, 52, 92), 0.2, angle=45, pitch=6, fill=GREEN, edge=2.6)
        plate.area(ellipse(x, 104, 15, 19), 0, fill=SAND, edge=2.2)
        plate.line([(x - 26, 60), (x + 26, 60)], 4)


def _clock(plate, x, y, r):
    plate.area(ellipse(x, y, r + 10), 0.8, pitch=4, fill=INK, edge=2.6)
    plate.area(ellipse(x, y, r), radial(x - 14, y - 14, 100, 0, 0.24), pitch=5, edge=2.4)
    for k in range(12):
        a = radians(30 * k)
        inner = r - (15 if k % 3 == 0 else 9)
        ends = [(x + q * sin(a), y - q * cos(a)) for q in (inner, r - 5)]
        plate.line(ends, 4 if k % 3 == 0 else 2.4)
    for angle, length, width in ((radians(358), 32, 6), (radians(342), 47, 4)):
        plate.line([(x, y), (x + length * sin(angle), y - length * cos(angle))], width)
    plate.area(ellipse(x, y, 5), 0, fill=RED, edge=1.8)


def _row(plate, number, wide, high, seats, size):
    at = lambda degrees, lift=0.0: (
        CENTRE[0] + wide * cos(radians(degrees)),
        CENTRE[1] - high * sin(radians(degrees)) - lift,
    )
    first, last = 24 + number * 3, 156 - number * 3
    for k in range(seats):
        x, y = at(first + (last - first) * k / (seats - 1))
        if (number, k) in PRESENT:
            _member(plate, x, y, size, PRESENT[number, k], (number, k) in VOTING)
        else:
            _seat(plate, x, y, size)
    top = [at(a) for a in range(8, 173, 3)]
    front = [at(a, -size * 0.86) for a in range(172, 7, -3)]
    ledge = [at(a, -size * 0.2) for a in range(172, 7, -3)]
    plate.halo([[*top, *front]], 6)
    shade = lambda x, y: 0.3 + 0.45 * abs(x - 450) / 450
    plate.area([*ledge[::-1], *front], uneven(shade, 0.05), angle=90, pitch=6.5, fill=GREEN, edge=2.4)
    plate.area([*top, *ledge], 0.0, fill=SAND, edge=2.4)


def _seat(plate, x, y, size):
    w, h = size * 0.74, size * 0.92
    back = rounded(x - w / 2, y - h, w, h + 16, w * 0.3)
    plate.halo([back], 4)
    plate.area(back, across(x - w / 2, x + w / 2, 0.14, 0.74), angle=90, pitch=4.4, edge=2.2)
    inner = rounded(x - w * 0.32, y - h * 0.84, w * 0.64, h, w * 0.2)
    plate.area(inner, across(x - w / 2, x + w / 2, 0.34, 0.86), angle=0, pitch=4.4, fill=SAND, edge=1.6)


def _member(plate, x, y, size, style, voting):
    _seat(plate, x, y, size)
    height = size * 1.34
    body = bust(x, y + size * 0.12, height)
    arm = [(x + size * 0.4, y), (x + size * 0.56, y - size * 0.62), (x + size * 0.56, y - size * 1.36)]
    if voting:
        plate.line(curve(arm), size * 0.2 + 8, PAPER)
    plate.halo([body], 8)
    plate.fill(body)
    cap = hair(x, y + size * 0.12, height, 1.0, style)
    if cap:
        plate.halo([cap], 2.4)
        plate.fill(cap)
    if voting:
        plate.line(curve(arm), size * 0.2)
        card = rect(x + size * 0.36, y - size * 1.92, size * 0.42, size * 0.56)
        plate.halo([card], 6)
        plate.area(card, across(x, x + size, 0.0, 0.3), angle=90, pitch=4, fill=RED, edge=2.4)
    collar = [(x - size * 0.12, y - size * 0.48), (x + size * 0.12, y - size * 0.48), (x, y - size * 0.2)]
    plate.fill(collar, PAPER)


def _desk(plate):
    """The speaker's desk in the foreground with a pile of bills and a gavel."""
    edge = curve([(150, 612), (210, 572), (330, 552), (450, 548), (570, 552), (690, 572), (750, 612)])
    plate.halo([edge], 10)
    plate.area([*edge, (750, 640), (150, 640)], down(548, 604, 0.5, 0.95), pitch=6, fill=INK, edge=3)
    for k in range(9):
        sheet = rect(388 + (k * 37) % 9, 556 - k * 6, 124, 8)
        plate.area(sheet, 0.0 if k % 2 else 0.2, pitch=4, edge=1.8)
    top = [(392, 508), (508, 508), (520, 494), (404, 494)]
    plate.area(top, 0, edge=2.2)
    plate.line([(420, 501), (492, 501)], 2.4)
