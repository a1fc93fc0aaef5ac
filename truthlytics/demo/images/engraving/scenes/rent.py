"""A dark house front at night with one lit window and an empty room behind it."""

from truthlytics.demo.images.engraving.engrave import GREEN, PAPER, RED, Plate
from truthlytics.demo.images.engraving.figures import COAT, person
from truthlytics.demo.images.engraving.shapes import ellipse, rect
from truthlytics.demo.images.engraving.tone import across, darker, least, radial, soft, uneven

COLUMNS, ROWS = (86, 218, 350, 482, 614, 746), (-28, 152, 332)
WIDE, HIGH = 74, 122
LIT = (3, 1)
GLOW = (COLUMNS[LIT[0]] + WIDE / 2, ROWS[LIT[1]] + HIGH / 2)
STREET = 524


def draw():
    """Return the complete plate."""
    plate = Plate("A dark house front at night; one window is lit, and the room behind it is empty")
    _front(plate)
    for c, x in enumerate(COLUMNS):
        for r, y in enumerate(ROWS):
            _window(plate, x, y, (c, r) == LIT)
    _street(plate)
    _counter(plate)
    return plate


def _front(plate):
    dark = least(0.9, radial(*GLOW, 520, 0.06, 0.92, 0.6))
    plate.area(rect(-5, -5, 910, STREET + 10), uneven(dark, 0.05), pitch=8, wave=0.9, edge=0)
    for y in (ROWS[1] - 34, ROWS[2] - 34):
        band = rect(-5, y, 910, 12)
        plate.area(band, radial(*GLOW, 420, 0.0, 0.75, 0.8), pitch=4, edge=2.4)


def _window(plate, x, y, lit):
    frame = rect(x - 9, y - 9, WIDE + 18, HIGH + 18)
    sill = rect(x - 17, y + HIGH + 8, WIDE + 34, 11)
    near = radial(*GLOW, 430, 0.0, 0.86, 0.7)
    plate.area(frame, darker(near, 0.1), angle=90, pitch=4.5, edge=2.4)
    if lit:
        _room(plate, x, y)
    else:
        toward = across(x, x + WIDE, 0.5, 0.86) if x > GLOW[0] else across(x, x + WIDE, 0.86, 0.5)
        plate.area(rect(x, y, WIDE, HIGH), darker(toward, _far(x, y)), angle=62, pitch=6.5, fill=GREEN, edge=2.6)
    cross = 4.5
    plate.line([(x + WIDE / 2, y), (x + WIDE / 2, y + HIGH)], cross)
    plate.line([(x, y + HIGH * 0.36), (x + WIDE, y + HIGH * 0.36)], cross)
    plate.halo([sill], 4)
    plate.area(sill, near, pitch=4, edge=2.4)


def _far(x, y):
    """Return how dark a pane is, by its distance from the lit one."""
    far = abs(x + WIDE / 2 - GLOW[0]) / 430 + abs(y + HIGH / 2 - GLOW[1]) / 500
    return min(0.55, 0.4 * far)


def _room(plate, x, y):
    pane = rect(x, y, WIDE, HIGH)
    plate.halo([rect(x - 9, y - 9, WIDE + 18, HIGH + 18)], 8)
    plate.area(rect(x - 9, y - 9, WIDE + 18, HIGH + 18), 0.2, angle=90, pitch=4.5, edge=2.8)
    plate.area(pane, 0, fill="#f6d98a", edge=2.8)
    back = rect(x + 17, y + 14, WIDE - 34, HIGH - 40)
    plate.area(back, 0.16, angle=90, pitch=5, fill="#f6d98a", edge=1.8)
    for a, b in (
        ((0, 0), (17, 14)),
        ((WIDE, 0), (WIDE - 17, 14)),
        ((0, HIGH), (17, HIGH - 26)),
        ((WIDE, HIGH), (WIDE - 17, HIGH - 26)),
    ):
        plate.line([(x + a[0], y + a[1]), (x + b[0], y + b[1])], 1.8)
    plate.line([(x + 25, y), (x + 25, y + 24)], 1.8)
    plate.area(ellipse(x + 25, y + 30, 5.5, 7), 0, fill=PAPER, edge=1.8)


def _street(plate):
    pool = soft([[(GLOW[0] - 60, STREET), (GLOW[0] + 60, STREET), (GLOW[0] + 150, 610), (GLOW[0] - 150, 610)]], 26, 0.8)
    dark = lambda x, y: 0.92 * (1 - 0.86 * pool(x, y))
    plate.area(rect(-5, STREET, 910, 90), dark, pitch=7, edge=2.8)
    plate.area(rect(-5, STREET - 12, 910, 14), radial(GLOW[0], STREET, 460, 0.14, 0.85, 0.8), pitch=4.5, edge=2.6)


def _counter(plate):
    """A small figure in red looking up with a list."""
    x, y = 452, 584
    body, head = person(x, y, 118, COAT)
    cast = [(x - 8, y - 2), (x + 12, y - 2), (x - 34, 612), (x - 76, 612)]
    plate.fill(cast)
    coat = [(x - 15, y - 96), (x + 15, y - 96), (x + 22, y - 40), (x + 19, y - 34), (x - 19, y - 34), (x - 22, y - 40)]
    plate.halo([body, coat], 6)
    plate.fill(body)
    plate.area(coat, across(x - 22, x + 22, 0.7, 0.05), angle=90, pitch=4.5, fill=RED, edge=2.4)
    plate.halo([head], 5)
    plate.fill(head)
    plate.area([(x + 8, y - 76), (x + 27, y - 82), (x + 33, y - 60), (x + 14, y - 54)], 0, edge=2.2)
