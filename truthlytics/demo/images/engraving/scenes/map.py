"""A map whose legend is larger than the land, and a hand adding to it."""

from truthlytics.demo.images.engraving.engrave import GREEN, MIST, PAPER, RED, SAND, Plate, rings
from truthlytics.demo.images.engraving.shapes import curve, move, rect, ribbon
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft, uneven

TURN = -0.035
SHEET = rect(-372, -236, 744, 472)
LAND = [
    (-268, -60),
    (-300, -92),
    (-296, -130),
    (-262, -150),
    (-238, -184),
    (-204, -176),
    (-190, -146),
    (-170, -122),
    (-186, -92),
    (-214, -80),
    (-226, -52),
]


def draw():
    """Return the complete plate."""
    plate = Plate(
        "A map sheet on which the legend is many times larger than the island; a hand with a pencil adds to it"
    )
    shade = soft([move(_place(SHEET), 12, 16)], 12, 0.75)
    plate.area(
        rect(-5, -5, 910, 610),
        darker(uneven(radial(380, 250, 660, 0.46, 0.8), 0.05), shade),
        angle=90,
        pitch=8,
        wave=2,
        fill=SAND,
        edge=0,
    )
    plate.area(_place(SHEET), 0, edge=2.6)
    inner = rect(-358, -222, 716, 444)
    plate.line(_place([*inner, inner[0]]), 1.6)
    _land(plate)
    _legend(plate)
    _hand(plate)
    return plate


def _place(points):
    return move(points, 432, 290, turn=TURN)


def _land(plate):
    frame = rect(-346, -210, 212, 196)
    land = _place(curve(LAND, closed=True))
    cx, cy = _place([(-238, -116)])[0]
    plate.area(_place(frame), radial(cx, cy, 150, 0.42, 0.08), rings((cx, cy), 7.5, 200), fill=MIST, edge=2.2)
    plate.halo([land], 9)
    plate.area(land, across(cx - 60, cx + 60, 0.15, 0.6), fill=GREEN, angle=35, pitch=5.5, edge=2.6)


def _legend(plate):
    """Legend swatches: every kind of hatching with a line of explanation."""
    box = rect(-120, -210, 466, 420)
    plate.area(_place(box), 0, edge=3)
    plate.line(_place([(-120, -172), (346, -172)]), 2)
    plate.fill(_place(rect(-104, -196, 168, 12)))
    plate.line(_place([(-120, -166), (346, -166)]), 1.2)
    kinds = [
        (0.3, 0),
        (0.5, 90),
        (0.45, 45),
        (0.75, -45),
        (0.2, 90),
        (0.85, 0),
        (0.35, -30),
        (0.6, 60),
        (0.5, 20),
        (0.15, 0),
        (0.7, 90),
        (0.4, -60),
        (0.9, 45),
        (0.25, 30),
        (0.55, -20),
    ]
    for k, (tone, angle) in enumerate(kinds):
        column, row = k % 3, k // 3
        _entry(plate, -100 + column * 150, -146 + row * 70, tone, angle, (PAPER, MIST, SAND)[(k * 2 + row) % 3], k)
    for k in range(3):
        _entry(plate, -342, 6 + k * 70, (0.6, 0.3, 0.8)[k], (45, 90, -30)[k], (SAND, PAPER, MIST)[k], k + 4)


def _entry(plate, x, y, tone, angle, fill, k):
    plate.area(
        _place(rect(x, y, 52, 40)), tone, angle=angle, pitch=5.5, wave=1.2 * (k % 2), length=9, fill=fill, edge=2
    )
    for i in range(3):
        length = (62, 48, 70, 54)[(k + i * 3) % 4] * (0.6 if i == 2 else 1)
        plate.line(_place([(x + 64, y + 8 + i * 12), (x + 64 + length, y + 8 + i * 12)]), 3.4 if i == 0 else 1.8)


def _hand(plate):
    place = lambda pts: move(pts, 560, 392)
    cast = ribbon(curve(place([(4, 8), (90, 66), (180, 130), (330, 250)])), 20, 190)
    plate.area(cast, soft([cast], 16, 0.8), angle=88, pitch=6, fill=None, edge=0)
    sleeve = place([(188, 74), (262, -6), (420, 90), (420, 260), (300, 236)])
    cuff = place([(164, 84), (232, -8), (266, 12), (200, 112)])
    fingers = [
        [(30, 40), (36, 24), (62, 20), (100, 40), (112, 70), (96, 86), (64, 78), (40, 62)],
        [(54, 72), (66, 58), (100, 66), (128, 86), (130, 108), (108, 112), (76, 98)],
        [(84, 104), (96, 92), (126, 98), (150, 112), (146, 130), (122, 130), (98, 120)],
    ]
    back = [
        (58, -40),
        (84, -58),
        (120, -52),
        (176, -26),
        (232, 2),
        (222, 60),
        (190, 112),
        (150, 124),
        (118, 100),
        (96, 60),
        (70, 30),
    ]
    for finger in fingers[::-1]:
        _skin(plate, place(finger), 70, 0.55)
    _skin(plate, place(back), 32, 0.4)
    plate.halo([cuff, sleeve], 6)
    plate.area(sleeve, across(700, 980, 0.6, 0.9), angle=-52, pitch=7, fill=PAPER, edge=2.8)
    plate.area(cuff, across(720, 830, 0.0, 0.3), angle=-54, pitch=5, edge=2.6)
    _pencil(plate, place)
    index = [
        (22, -10),
        (16, -20),
        (26, -32),
        (58, -62),
        (92, -66),
        (124, -46),
        (128, -22),
        (104, -14),
        (84, -34),
        (62, -30),
        (42, -10),
        (32, -4),
    ]
    thumb = [(30, 8), (34, -4), (62, -6), (98, -4), (130, 10), (136, 40), (112, 46), (84, 26), (50, 20), (36, 18)]
    _skin(plate, place(index), -30, 0.35)
    _skin(plate, place(thumb), 84, 0.38)


def _skin(plate, points, angle, tone):
    shape = curve(points, closed=True)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    plate.halo([shape], 4)
    plate.area(shape, down(top, bottom, 0.02, tone + 0.2, 1.4), angle=angle, pitch=5, fill=PAPER, edge=2.6)


def _pencil(plate, place):
    a, b, n = (0, 0), (236, -150), (5.4, 8.4)
    start = (30, -19)
    upper = [(start[0] - n[0], start[1] - n[1]), (b[0] - n[0], b[1] - n[1])]
    lower = [(b[0] + n[0], b[1] + n[1]), (start[0] + n[0], start[1] + n[1])]
    shaft = place(upper + lower)
    plate.halo([shaft], 5)
    plate.area(shaft, 0, fill=RED, edge=2.4)
    plate.area(place([(start[0] + 1, start[1] + 1), b, *lower]), 0.45, angle=-32, pitch=4, fill=None, edge=0)
    tip = place([a, upper[0], lower[1]])
    plate.area(tip, 0, fill=SAND, edge=2.2)
    plate.fill(place([a, (11, -9), (12, -5)]))
    end = place([upper[1], lower[0], (lower[0][0] - 14, lower[0][1] + 9), (upper[1][0] - 14, upper[1][1] + 9)])
    plate.area(end, 0, fill=PAPER, edge=2)
