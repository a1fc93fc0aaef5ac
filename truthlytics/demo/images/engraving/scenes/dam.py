"""A reservoir with its valve tower; two painted lines on the tower, and the water between them."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, fan
from truthlytics.demo.images.engraving.shapes import curve, ellipse, ground, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft, uneven

SUN = (250, 168)
SHORE, WATER = 300, 438
X, HALF = 610, 74  # the middle of the tower and half its width
FULL, LOW = 352, 508  # the two painted lines


def draw():
    """Return the complete plate."""
    plate = Plate("A reservoir below a dam; a red and a green line are painted on its valve tower")
    _sky(plate)
    _hills(plate)
    _dam(plate)
    _water(plate)
    _bridge(plate)
    _tower(plate)
    return plate


def _sky(plate):
    plate.area(rect(-5, -5, 910, 330), uneven(radial(*SUN, 700, 0.02, 0.74, 0.9), 0.04), fan(SUN, 210, 46), edge=0)
    plate.area(ellipse(*SUN, 44), 0, edge=2.4)


def _hills(plate):
    far = curve([(-20, 236), (90, 196), (200, 228), (330, 258), (470, 224), (600, 178), (760, 214), (920, 170)])
    plate.area(ground(far, 420), down(170, 310, 0.2, 0.5), fill=MIST, angle=90, pitch=6, edge=2.2)
    left = curve([(-20, 150), (70, 190), (150, 246), (210, 292), (250, 330)])
    plate.area(ground(left, 420), uneven(across(-20, 250, 0.85, 0.5), 0.1), fill=GREEN, angle=58, pitch=7, edge=2.6)
    right = curve([(700, 330), (770, 268), (830, 216), (920, 176)])
    plate.area(ground(right, 420), uneven(across(700, 900, 0.5, 0.85), 0.1), fill=GREEN, angle=-56, pitch=7, edge=2.6)


def _dam(plate):
    """The dam, seen from the water, with its parapet and the openings of the spillway."""
    wall = rect(150, 272, 640, 96)
    plate.halo([wall], 6)
    plate.area(wall, across(150, 790, 0.1, 0.5), angle=90, pitch=7, fill=SAND, edge=2.6)
    plate.area(rect(140, 262, 660, 13), 0.0, edge=2.4)
    for x in range(168, 790, 26):
        plate.line([(x, 262), (x, 248)], 2)
    plate.line([(142, 248), (798, 248)], 2.4)
    for x in range(300, 500, 48):
        arch = [(x, 340), (x, 304), *ellipse(x + 15, 304, 15, 15, 3.1416, 6.2832, 16), (x + 30, 340)]
        plate.area(arch, 0.9, pitch=5, fill=INK, edge=2)


def _water(plate):
    shine = soft([[(170, 320), (330, 320), (430, 610), (70, 610)]], 34, 0.9)
    cast = soft([[(X - HALF, WATER), (X + HALF, WATER), (X + HALF + 24, 610), (X - HALF - 24, 610)]], 12, 0.66)
    ripple = uneven(down(SHORE, 600, 0.26, 0.62), 0.3, 2)
    tone = lambda x, y: darker(ripple, cast)(x, y) * (1 - 0.75 * shine(x, y))
    plate.area(rect(-5, 340, 910, 270), tone, fill=MIST, pitch=7.5, wave=2.1, length=26, edge=0)
    plate.line([(-5, 340), (905, 340)], 2.4)


def _bridge(plate):
    deck = [(X + HALF - 6, 206), (910, 226), (910, 240), (X + HALF - 6, 218)]
    for x in (740, 822, 900):
        plate.line([(x, 226), (x, 380)], 9, PAPER)
        plate.line([(x, 226), (x, 380)], 4.4)
    for k in range(9):
        x = X + HALF + k * 27
        plate.line([(x, 206 + k * 2), (x, 180 + k * 2)], 1.8)
    plate.line([(X + HALF, 180), (910, 200)], 2.6)
    plate.halo([deck], 6)
    plate.area(deck, 0.7, pitch=5, edge=2.4)


def _tower(plate):
    foot = 560
    lap = ellipse(X, foot, HALF, 12, 0.0, 3.1416, 24)
    body = [(X - HALF, 180), (X + HALF, 180), *lap]
    plate.halo([body], 9)
    plate.area(body, uneven(across(X - HALF, X + HALF, 0.02, 0.86), 0.04), angle=90, pitch=6, edge=3)
    for row, y in enumerate(range(206, foot, 26)):
        plate.line(ellipse(X, y, HALF, 9, 0.0, 3.1416, 24), 1.4)
        for k in range(5):
            x = X - HALF + 16 + (k + (row % 2) * 0.5) * 29
            if abs(x - X) < HALF - 8:
                plate.line([(x, y + 8), (x, y + 32)], 1.4)
    _mark(plate, FULL, RED)
    waterline = ellipse(X, WATER, HALF, 9, 0.0, 3.1416, 24)
    wet = [*waterline, *lap[::-1]]
    plate.fill(wet, GREEN, 0.3)
    plate.area(wet, uneven(down(WATER, foot + 12, 0.1, 0.4), 0.3), fill=None, pitch=7.5, wave=2.1, length=26, edge=0)
    _mark(plate, LOW, GREEN)
    plate.line(ellipse(X, WATER, HALF + 5, 12, -0.2, 3.34, 30), 7, PAPER)
    plate.line(ellipse(X, WATER, HALF + 5, 12, -0.2, 3.34, 30), 2.6)
    _roof(plate)


def _mark(plate, y, ink):
    top = ellipse(X, y, HALF + 1, 9, 0.0, 3.1416, 24)
    low = [(x, py + 17) for x, py in top]
    band = [*top, *low[::-1]]
    plate.halo([band], 5)
    plate.area(band, across(X - HALF, X + HALF, 0.0, 0.5), fill=ink, angle=90, pitch=5, edge=2.4)


def _roof(plate):
    cornice = [(X - HALF - 12, 162), (X + HALF + 12, 162), (X + HALF + 6, 186), (X - HALF - 6, 186)]
    cone = [(X - HALF - 16, 162), (X, 62), (X + HALF + 16, 162)]
    plate.halo([cone, cornice], 8)
    plate.area(cone, across(X - HALF - 16, X + HALF + 16, 0.2, 0.95), angle=90, pitch=5.5, fill=SAND, edge=2.8)
    plate.area(cornice, across(X - HALF, X + HALF, 0.0, 0.6), pitch=5, edge=2.6)
    plate.line([(X, 64), (X, 34)], 3)
    plate.area(ellipse(X, 32, 5), 0, fill=RED, edge=2)
    for dx, high in ((-34, 56), (18, 56)):
        arch = [(X + dx, 258), (X + dx, 226), *ellipse(X + dx + 9, 226, 9, 10, 3.1416, 6.2832, 12), (X + dx + 18, 258)]
        plate.area(arch, 0, fill=INK, edge=2)
        plate.line([(X + dx - 5, 202 + high), (X + dx + 23, 202 + high)], 3)
