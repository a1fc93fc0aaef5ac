"""A tide gauge at the end of a jetty, under a large moon."""

from math import sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, rings
from truthlytics.demo.images.engraving.shapes import curve, ellipse, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft, uneven

MOON = (236, 176)
SEA = 372
X = 640  # the hut
DECK = 286


def draw():
    """Return the complete plate."""
    plate = Plate("A tide gauge hut at the end of a jetty; its tube and a marked staff stand in the sea under a moon")
    _sky(plate)
    _sea(plate)
    _jetty(plate)
    _tube(plate)
    _hut(plate)
    _staff(plate, 420)
    _surf(plate)
    return plate


def _sky(plate):
    plate.area(
        rect(-5, -5, 910, SEA + 10), uneven(radial(*MOON, 620, 0.12, 0.86, 0.7), 0.05), rings(MOON, 9, 1100), edge=0
    )
    plate.area(ellipse(*MOON, 86), across(170, 330, 0.0, 0.34), angle=64, pitch=6, edge=2.6)
    for dx, dy, r in ((-30, -26, 15), (22, 8, 21), (-16, 34, 10), (40, -36, 8)):
        plate.area(ellipse(MOON[0] + dx, MOON[1] + dy, r, r * 0.86), 0.34, angle=64, pitch=4.5, edge=1.6)


def _sea(plate):
    shine = soft([[(196, SEA), (276, SEA), (350, 610), (122, 610)]], 22, 1.0)
    ripple = uneven(down(SEA, 600, 0.5, 0.8), 0.4, 3)
    tone = lambda x, y: ripple(x, y) * (1 - 0.85 * shine(x, y))
    plate.area(rect(-5, SEA, 910, 240), tone, fill=GREEN, pitch=8, wave=3.2, length=24, edge=0)
    plate.line([(-5, SEA), (905, SEA)], 2.4)
    for k in range(11):
        y = SEA + 12 + k * 20
        half = 26 + ((k * 7) % 5) * 9 + k * 3
        for sign in (-1, 1):
            plate.taper([(236 + 9 * sin(k * 2.1), y), (236 + 9 * sin(k * 2.1) + sign * half, y + 1)], 4.4, 0.5, PAPER)


def _jetty(plate):
    for x in (716, 800, 880):
        for dx in (0, 22):
            post = rect(x + dx, DECK + 16, 13, 290)
            plate.halo([post], 5)
            plate.area(post, across(x + dx, x + dx + 13, 0.25, 0.92), angle=90, pitch=4.5, edge=2.2)
    for a, b in (((722, 330), (880, 440)), ((880, 330), (722, 440))):
        plate.line([a, b], 9, PAPER)
        plate.line([a, b], 5)
    deck = rect(540, DECK, 380, 24)
    plate.halo([deck], 6)
    plate.area(deck, 0.42, angle=90, pitch=8, fill=SAND, edge=2.8)
    for x in range(756, 910, 46):
        plate.line([(x, DECK), (x, DECK - 54)], 6, PAPER)
        plate.line([(x, DECK), (x, DECK - 54)], 3.2)
    for y in (DECK - 52, DECK - 28):
        plate.line([(734, y), (910, y)], 5.5, PAPER)
        plate.line([(734, y), (910, y)], 2.8)


def _tube(plate):
    """The stilling tube below the hut: the float in it feels the tide and not the waves."""
    tube = rect(X - 26, DECK + 24, 52, 300)
    plate.halo([tube], 8)
    plate.area(tube, across(X - 26, X + 26, 0.02, 0.8), angle=90, pitch=5, edge=2.8)
    for y in (346, 420, 500):
        band = rect(X - 31, y, 62, 12)
        plate.halo([band], 4)
        plate.area(band, across(X - 31, X + 31, 0.1, 0.9), angle=90, pitch=4.5, fill=SAND, edge=2.2)


def _hut(plate):
    wall = rect(X - 82, 140, 164, DECK - 140)
    roof = [(X - 104, 144), (X - 76, 84), (X + 76, 84), (X + 104, 144)]
    plate.halo([wall, roof], 8)
    boards = lambda x, y: 0.5 if (x - X) % 18 < 2.6 else across(X - 82, X + 82, 0.0, 0.44)(x, y)
    plate.area(wall, boards, pitch=5.5, edge=3)
    plate.area(roof, darker(across(X - 104, X + 104, 0.24, 0.7), 0.1), angle=90, pitch=6, fill=RED, edge=3)
    door = rect(X + 14, 188, 46, DECK - 188)
    plate.area(door, 0.5, angle=90, pitch=5, fill=GREEN, edge=2.6)
    plate.fill(ellipse(X + 52, 240, 3.4))
    pane = rect(X - 62, 186, 52, 46)
    plate.area(pane, 0, fill="#f6d98a", edge=2.8)
    plate.line([(X - 36, 186), (X - 36, 232)], 2.6)
    plate.line([(X - 62, 209), (X - 10, 209)], 2.6)
    plate.area(rect(X - 68, 232, 64, 8), 0, edge=2.2)
    plate.line([(X - 40, 84), (X - 40, 30)], 3)
    plate.line([(X - 58, 40), (X - 22, 40)], 2.6)
    for dx in (-58, -22):
        plate.area(ellipse(X + dx - 0, 40, 7), 0.0, edge=2.2)
    dish = [(X + 32, 84), (X + 32, 66), (X + 58, 66), (X + 58, 84)]
    plate.area(dish, 0.6, pitch=4, edge=2.2)
    plate.area(ellipse(X + 45, 62, 22, 9, 3.1416, 6.2832, 20), 0.1, fill=MIST, edge=2.4)


def _staff(plate, x):
    board = rect(x, 214, 46, 410)
    plate.halo([board], 8)
    plate.area(board, 0, edge=3)
    for k in range(21):
        y = 224 + k * 20
        ink = RED if k % 5 == 0 else INK
        wide = 46 if k % 5 == 0 else 24
        plate.fill(rect(x + (0 if k % 2 else 46 - wide) * (k % 5 != 0), y, wide, 9), ink)
    plate.line([(x, 214), (x + 46, 214)], 3)


def _surf(plate):
    """The water in front of the staff and the tube."""
    crest = curve(
        [(-20, 506), (90, 494), (210, 508), (330, 492), (450, 506), (570, 492), (690, 507), (800, 494), (920, 508)]
    )
    swell = [*crest, (920, 612), (-20, 612)]
    plate.fill(swell, GREEN, 0.82)
    tone = uneven(down(490, 604, 0.3, 0.86), 0.34, 5)
    plate.area(swell, tone, fill=None, pitch=8, wave=3.6, length=22, edge=0)
    plate.line(crest, 8, PAPER)
    plate.line(crest, 2.6)
