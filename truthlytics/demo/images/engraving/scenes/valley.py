"""A village in a valley and the flood line above it."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, between, fan
from truthlytics.demo.images.engraving.figures import house
from truthlytics.demo.images.engraving.shapes import curve, ground, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, uneven

LINE = 322
LIGHT = (470, 210)


def draw():
    """Return the complete plate."""
    plate = Plate("A village in a deep valley; a red line far above its roofs marks the flood")
    _sky(plate)
    _slopes(plate)
    _floor(plate)
    _village(plate)
    _flood(plate)
    return plate


def _sky(plate):
    tone = uneven(radial(*LIGHT, 480, 0.02, 0.7, 0.8), 0.04)
    plate.area(rect(-5, -5, 910, 420), tone, fan(LIGHT, 190, 34), edge=0)


def _slopes(plate):
    far = curve(
        [
            (-20, 190),
            (90, 150),
            (190, 196),
            (300, 232),
            (400, 268),
            (470, 284),
            (560, 256),
            (650, 214),
            (740, 172),
            (830, 150),
            (920, 176),
        ]
    )
    plate.area(ground(far, 460), down(150, 400, 0.18, 0.42), fill=MIST, angle=90, pitch=6, edge=2)
    left = curve([(-20, 40), (60, 78), (130, 150), (190, 236), (262, 318), (330, 396), (396, 452), (430, 480)])
    right = curve([(920, 20), (850, 70), (776, 128), (716, 214), (650, 300), (590, 384), (532, 446), (500, 480)])
    for ridge, foot, shade in (
        (left, [(-20, 700), (430, 480)], across(0, 430, 0.34, 0.66)),
        (right, [(920, 700), (500, 480)], across(500, 900, 0.8, 0.6)),
    ):
        slope = [*ridge, *foot[::-1]]
        lean = 63 if ridge is left else -66
        plate.area(slope, uneven(shade, 0.1, 1.0), angle=lean, pitch=8.5, wave=2.5, length=70, edge=2.6)


def _floor(plate):
    rim = curve([(-20, 560), (140, 520), (300, 476), (470, 462), (620, 474), (760, 514), (920, 556)])
    plate.area(ground(rim), down(460, 600, 0.06, 0.3), fill=SAND, pitch=8, wave=2, edge=2.4)
    river_l = curve([(470, 463), (452, 490), (486, 520), (440, 560), (396, 610)])
    river_r = curve([(484, 463), (474, 490), (524, 520), (512, 560), (520, 610)])
    plate.area(river_l + river_r[::-1], 0.3, between(river_l, river_r, 6), fill=PAPER, edge=2)


def _village(plate):
    for x, y, w, h in (
        (250, 500, 22, 20),
        (330, 484, 20, 19),
        (548, 482, 20, 18),
        (610, 496, 22, 20),
        (396, 482, 18, 17),
    ):
        house(plate, x, y, w, h)
    _church(plate, 372, 516)
    for x, y, w, h in ((196, 548, 32, 28), (286, 546, 30, 27), (560, 530, 30, 26), (650, 546, 34, 30)):
        house(plate, x, y, w, h)
    for x, y, w, h in ((92, 592, 40, 34), (246, 594, 38, 34), (560, 592, 40, 34), (716, 596, 44, 38)):
        house(plate, x, y, w, h)


def _church(plate, x, y):
    house(plate, x + 24, y, 34, 42)
    tower = rect(x, y - 132, 30, 132)
    side = [(x + 30, y), (x + 44, y - 3), (x + 44, y - 135), (x + 30, y - 132)]
    spire = [(x - 4, y - 132), (x + 22, y - 236), (x + 32, y - 132)]
    shade = [(x + 32, y - 132), (x + 22, y - 236), (x + 48, y - 136)]
    plate.halo([tower, side, spire, shade], 6)
    plate.area(side, 0.7, pitch=4.5)
    plate.area(tower, 0.0)
    plate.area(spire, 0.2, angle=90, pitch=4.5)
    plate.area(shade, 0.8, angle=78, pitch=4)
    plate.line([(x + 22, y - 236), (x + 22, y - 258)], 2.4)
    plate.line([(x + 16, y - 251), (x + 28, y - 251)], 2.4)
    plate.fill(rect(x + 10, y - 116, 10, 20))


def _flood(plate):
    plate.fill(rect(-5, LINE, 910, 300), GREEN, 0.45)
    sheen = darker(down(LINE, LINE + 120, 0.42, 0.06), 0.02)
    plate.area(rect(-5, LINE, 910, 300), uneven(sheen, 0.3, 3), fill=None, pitch=10, wave=2.2, length=30, edge=0)
    plate.line([(-5, LINE), (905, LINE)], 10, PAPER)
    plate.line([(-5, LINE), (905, LINE)], 5.5, RED)
    gauge = rect(822, 236, 22, 380)
    plate.halo([gauge], 7)
    plate.fill(gauge, PAPER)
    for k in range(19):
        y = 236 + k * 20
        plate.fill(rect(822, y + 8, 22 if k % 4 == 0 else 11, 4), INK)
    plate.line([*gauge, gauge[0]], 2.4)
