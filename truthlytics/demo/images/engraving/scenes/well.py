"""A section through the ground: a deep drill lowers the water below an old well."""

from math import exp
from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, between
from truthlytics.demo.images.engraving.figures import house
from truthlytics.demo.images.engraving.shapes import curve, ellipse, ground, rect
from truthlytics.demo.images.engraving.tone import across, down, radial, uneven

OLD, DEEP = 236, 652
BEDROCK = 548


def draw():
    """Return the complete plate."""
    plate = Plate("A section through the ground: a deep drill has drawn the water from under an old well")
    plate.area(rect(-5, -5, 910, 250), uneven(down(-10, 210, 0.7, 0.06), 0.06), pitch=8, wave=1.8, edge=0)
    _ground(plate)
    _shafts(plate)
    _old_well(plate, OLD, _surface(OLD))
    _derrick(plate, DEEP, _surface(DEEP))
    house(plate, 60, _surface(100) + 6, 46, 40, gable_tone=0.1)
    house(plate, 786, _surface(800) + 6, 42, 36, gable_tone=0.1)
    return plate


def _surface(x):
    return 206 + 12 * exp(-(((x - 450) / 180) ** 2)) - 5 * exp(-(((x - 120) / 120) ** 2))


def _table(x):
    """The water table: a wide funnel around the drill."""
    return 316 + 178 * exp(-abs(x - DEEP) / 215) + 32 * exp(-abs(x - DEEP) / 700)


def _row(level):
    return [(x, level(x)) for x in range(-20, 930, 10)]


def _ground(plate):
    surface, soil = _row(_surface), _row(lambda x: _surface(x) + 46)
    former, table = _row(lambda x: 306.0), _row(_table)
    rock = curve(
        [
            (-20, BEDROCK),
            (150, BEDROCK - 10),
            (330, BEDROCK + 6),
            (520, BEDROCK - 2),
            (700, BEDROCK + 12),
            (920, BEDROCK - 8),
        ]
    )
    plate.area(ground(surface), 0, fill=SAND, edge=2.8)
    plate.area(surface + soil[::-1], uneven(0.72, 0.15), angle=90, pitch=6, fill=SAND, edge=2.2)
    plate.area(
        soil + former[::-1], uneven(down(250, 310, 0.2, 0.42), 0.2, 2), between(soil, former, 7.5), fill=SAND, edge=0
    )
    _stones(plate, Random(4))
    bed = [(x, BEDROCK + 20) for x, _ in table]
    plate.area(former + bed[::-1], 0.16, between(former, table, 9), fill=MIST, edge=0)
    water = table + bed[::-1]
    glow = radial(DEEP, 520, 560, 0.2, 0.62)
    plate.area(water, uneven(glow, 0.12, 3), between(table, bed, 8), fill=GREEN, edge=3)
    plate.area(ground(rock), down(BEDROCK, 610, 0.78, 0.96), angle=-38, pitch=8, edge=2.8)
    plate.line([p for p in former if p[0] < 900], 2.2, INK, dash="11 9")


def _stones(plate, dice):
    for _ in range(46):
        x, y = dice.uniform(0, 900), dice.uniform(262, 296)
        if min(abs(x - OLD), abs(x - DEEP)) > 34:
            plate.area(ellipse(x, y, dice.uniform(3, 8), dice.uniform(2.5, 5), count=12), 0, edge=1.6)


def _shafts(plate):
    old = rect(OLD - 21, _surface(OLD), 42, 346 - _surface(OLD))
    plate.halo([old], 7)
    plate.area(old, across(OLD - 21, OLD + 21, 0.98, 0.72), angle=90, pitch=5, fill=PAPER, edge=3)
    for k in range(7):
        y = _surface(OLD) + 18 + k * 18
        for side in (-1, 1):
            plate.area(
                rect(OLD + side * 26 - 5.5, y - 17, 11, 17),
                0.0 if (k + side) % 3 else 0.4,
                pitch=4,
                fill=PAPER,
                edge=1.8,
            )
    plate.line([(OLD, 150), (OLD, 308)], 2.4, PAPER)
    bucket = [(OLD - 13, 308), (OLD + 13, 308), (OLD + 10, 332), (OLD - 10, 332)]
    plate.area(bucket, across(OLD - 13, OLD + 13, 0.0, 0.5), angle=90, pitch=4, edge=2)
    pipe = rect(DEEP - 9, _surface(DEEP), 18, 530 - _surface(DEEP))
    plate.halo([pipe], 6)
    plate.area(pipe, across(DEEP - 9, DEEP + 9, 0.0, 0.7), angle=90, pitch=4.5, edge=2.6)
    for k in range(5):
        plate.fill(rect(DEEP - 5, 502 + k * 5.5, 10, 2.6))


def _old_well(plate, x, y):
    wall = [(x - 38, y - 34), (x + 38, y - 34), (x + 34, y + 3), (x - 34, y + 3)]
    roof = [(x - 52, y - 92), (x, y - 132), (x + 52, y - 92)]
    for dx in (-30, 30):
        plate.line([(x + dx, y - 30), (x + dx, y - 94)], 10, PAPER)
        plate.line([(x + dx, y - 30), (x + dx, y - 94)], 5)
    plate.halo([wall, roof], 7)
    plate.area(roof, across(x - 52, x + 52, 0.15, 0.75), angle=90, pitch=5, edge=2.6)
    plate.area(wall, across(x - 38, x + 38, 0.05, 0.6), angle=90, pitch=5, edge=2.6)
    for row in range(3):
        plate.line([(x - 37, y - 24 + row * 11), (x + 37, y - 24 + row * 11)], 1.8)
    plate.line([(x - 34, y - 72), (x + 34, y - 72)], 6)
    plate.line([(x, y - 70), (x, y - 34)], 2.2)


def _derrick(plate, x, y):
    """A lattice drilling mast with a red crown and pump house."""
    legs = ((x - 42, y), (x - 9, y - 176)), ((x + 42, y), (x + 9, y - 176))
    for leg in legs:
        plate.line(leg, 11, PAPER)
    for k in range(6):
        t, u = k / 6, (k + 1) / 6
        a, b = ((x + s * (42 - 33 * t), y - 176 * t) for s in (-1, 1))
        c, d = ((x + s * (42 - 33 * u), y - 176 * u) for s in (-1, 1))
        for p, q in ((a, d), (b, c), (c, d)):
            plate.line([p, q], 2.2)
    for leg in legs:
        plate.line(leg, 5)
    plate.line([(x, y - 170), (x, y)], 3.4)
    crown = rect(x - 17, y - 192, 34, 17)
    shed = rect(x + 46, y - 40, 62, 42)
    plate.halo([crown, shed], 6)
    plate.area(crown, across(x - 17, x + 17, 0.0, 0.6), angle=90, pitch=4.5, fill=RED, edge=2.4)
    plate.area(shed, across(x + 46, x + 108, 0.05, 0.6), angle=90, pitch=5, fill=RED, edge=2.6)
    plate.line([(x + 8, y - 14), (x + 46, y - 14)], 6)
