"""A ferry leaving an island with one lit window."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, between, rings
from truthlytics.demo.images.engraving.figures import house
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, least, radial, uneven

HORIZON = 322
SUN = (690, HORIZON - 4)


def draw():
    """Return the complete plate."""
    plate = Plate("A ferry leaves a dark island on which a single window is lit; in front an empty jetty")
    _sky(plate)
    _sea(plate)
    _island(plate)
    _ferry(plate, 628, 356)
    _jetty(plate)
    return plate


def _sky(plate):
    plate.area(
        rect(-5, -5, 910, HORIZON + 8), uneven(radial(*SUN, 640, 0.06, 0.82, 0.7), 0.04), rings(SUN, 9, 900), edge=0
    )
    sun = [(x, min(y, HORIZON)) for x, y in ellipse(*SUN, 66)]
    plate.area(sun, 0, edge=2.4)


def _sea(plate):
    glitter = radial(690, HORIZON, 330, 0.0, 0.3, squash=1.6)
    tone = least(0.84, uneven(darker(down(HORIZON, 610, 0.3, 0.6), glitter), 0.32, 5))
    plate.area(rect(-5, HORIZON, 910, 300), tone, fill=MIST, pitch=8, wave=2.2, length=24, edge=0)
    for k, (y, half) in enumerate(
        ((332, 60), (343, 40), (398, 56), (412, 34), (428, 66), (446, 30), (466, 48), (490, 26))
    ):
        for side in (-1, 1):
            plate.taper([(690 + 8 * (-1) ** k, y), (690 + 8 * (-1) ** k + side * half, y)], 4.2, 0.4, PAPER)
    plate.line([(-5, HORIZON), (905, HORIZON)], 2.2)


def _island(plate):
    ridge = curve(
        [
            (-20, 214),
            (40, 176),
            (96, 138),
            (150, 150),
            (196, 128),
            (248, 168),
            (296, 216),
            (344, 262),
            (398, 300),
            (452, 336),
        ]
    )
    shore = curve([(452, 336), (360, 352), (240, 348), (120, 360), (-20, 356)])
    shape = ridge + shore
    plate.halo([shape], 6)
    tone = uneven(darker(across(-10, 450, 0.86, 0.42), down(150, 360, 0.0, 0.25)), 0.1, 1)
    plate.area(shape, tone, between(ridge, shore[::-1], 8.5), fill=GREEN, edge=2.6)
    spots = (
        (150, 312, 20, 18),
        (40, 326, 24, 21),
        (212, 318, 22, 19),
        (106, 336, 25, 22),
        (286, 330, 24, 21),
        (176, 342, 26, 23),
    )
    for x, y, w, h in spots:
        lit = x == 286
        house(plate, x, y, w, h, pane="#f6d98a" if lit else INK, gable_tone=0.85 if lit else 0.45)
    plate.taper([(-5, 357), (330, 356), (470, 337)], 3.4, 1.2)


def _ferry(plate, x, y):
    """A small double-ended ferry seen from behind at an angle."""
    at = lambda pts: move(pts, x, y, 0.92)
    for start, stop, width in (((-96, 8), (-300, 24), 6), ((-88, 12), (-330, 74), 8), ((-100, 4), (-236, 8), 4)):
        a, b = at([start])[0], at([stop])[0]
        plate.taper(curve([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 3), b]), width, 0.4, PAPER)
    hull = at(curve([(-112, -26), (-100, 4), (-88, 10)]) + curve([(92, 10), (110, 0), (130, -34)]))
    deck = at([(-84, -52), (84, -52), (98, -28), (-96, -28)])
    cabin = at([(-58, -82), (54, -82), (66, -52), (-66, -52)])
    bridge = at([(4, -104), (42, -104), (50, -82), (0, -82)])
    funnel = at([(-42, -122), (-14, -122), (-10, -82), (-44, -82)])
    plate.halo([hull, deck, cabin, bridge, funnel], 8)
    plate.area(funnel, across(x - 44, x - 8, 0.6, 0.0), angle=90, pitch=5, fill=RED, edge=2.4)
    plate.fill(at([(-42, -122), (-14, -122), (-13, -112), (-42.5, -112)]))
    for shape, tone in ((deck, 0.2), (cabin, 0.1), (bridge, 0.1)):
        plate.area(shape, across(x - 90, x + 90, tone + 0.4, 0.0), pitch=4.5, edge=2.4)
    for k in range(7):
        plate.fill(at(rect(-54 + k * 16, -74, 9, 10)))
    plate.fill(at([(8, -99), (40, -99), (43, -91), (6, -91)]))
    for k in range(6):
        plate.area(at(ellipse(-70 + k * 28, -40, 5)), 0.0, fill=INK, edge=1)
    plate.area(hull, down(y - 30, y + 8, 0.8, 0.98), pitch=5.5, edge=2.8)
    plate.line(at([(18, -104), (18, -140)]), 2.6)
    plate.line(at([(10, -130), (26, -130)]), 1.8)
    smoke = curve(at([(-28, -126), (-52, -146), (-96, -152), (-150, -170), (-250, -172)]))
    plate.taper(smoke[:17], 6, 22, PAPER)
    plate.taper(smoke[16:], 22, 1, PAPER)


def _jetty(plate):
    top = [(-10, 500), (396, 540), (330, 612), (-10, 612)]
    edge = [(396, 540), (398, 566), (342, 612), (330, 612)]
    plate.halo([top, edge], 7)
    plate.area(top, across(0, 400, 0.5, 0.1), between([top[0], top[1]], [top[3], top[2]], 9), fill=SAND, edge=3)
    for k in range(1, 8):
        x = -10 + k * 56
        plate.line([(x, 500 + (x + 10) * 0.0985), (x - k * 7, 612)], 2.2)
    plate.area(edge, 0.8, angle=90, pitch=5, edge=2.6)
    x, y = 252, 560
    plate.fill(ellipse(x + 26, y + 10, 58, 13))
    plate.halo([ellipse(x, y - 62, 40, 13), rect(x - 22, y - 60, 44, 66)], 8)
    post = [(x - 22, y - 60), (x + 22, y - 60), *ellipse(x, y + 4, 26, 10, 0, 3.1416, 16)]
    plate.area(post, across(x - 26, x + 26, 0.95, 0.3), angle=90, pitch=5.5, edge=2.8)
    plate.area(
        [*ellipse(x, y - 66, 40, 13, 3.1416, 6.2832, 20), *ellipse(x, y - 54, 40, 13, 0, 3.1416, 20)],
        across(x - 40, x + 40, 0.95, 0.15),
        angle=90,
        pitch=5,
        edge=2.8,
    )
    rope = curve(
        [
            (x - 30, y - 20),
            (x + 4, y - 10),
            (x + 34, y - 22),
            (x + 70, y + 18),
            (x + 20, y + 36),
            (x - 50, y + 30),
            (x - 120, y + 44),
        ]
    )
    plate.line(rope, 10)
    plate.line(rope, 5.5, PAPER)
    plate.line(rope, 2.6, INK, dash="0.1 6.5")
