"""A row of pylons to the horizon beside a row of idle wind turbines."""

from itertools import pairwise
from math import cos, sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, Plate, fan
from truthlytics.demo.images.engraving.shapes import curve, ellipse, ground, rect
from truthlytics.demo.images.engraving.tone import across, down, radial, uneven

VANISH = (560, 426)
FOCUS = 700
PYLONS = (9.2, 13, 18.5, 26, 37, 54, 80)  # how far away each stands
TURBINES = (15, 22, 32, 47, 70)
ARMS = ((0.66, 0.25), (0.79, 0.2), (0.91, 0.14))  # height and half width of each pair, of a pylon's height
SUN = (470, 262, 118)


def draw():
    """Return the complete plate."""
    plate = Plate("A row of pylons goes on to the horizon; beside it a line of wind turbines stands still")
    _sky(plate)
    _field(plate)
    for z in reversed(TURBINES):
        _turbine(plate, z)
    _wires(plate)
    for z in reversed(PYLONS[1:]):
        _pylon(plate, z)
    return plate


def _at(x, y, z):
    """Project a point: x to the right of the viewer, y above the ground, z away."""
    return VANISH[0] + x * FOCUS / z, VANISH[1] - (y - 1.7) * FOCUS / z


def _sky(plate):
    tone = uneven(down(-10, 430, 0.8, 0.1, 0.9), 0.05)
    plate.area(rect(-5, -5, 910, 450), tone, pitch=8.5, wave=2.2, length=52, edge=0)
    x, y, r = SUN
    disc = ellipse(x, y, r, count=90)
    plate.halo([disc], 9)
    plate.area(disc, down(y - r, y + r, 0.62, 0.14), pitch=8.5, wave=2.2, length=52, fill=GREEN, edge=2.6)


def _field(plate):
    hills = [(-20, 404), (90, 388), (210, 396), (330, 410), (450, 416), (560, 412), (690, 400), (800, 392), (920, 404)]
    plate.area(ground(curve(hills), 440), across(0, 900, 0.82, 0.55), angle=66, pitch=6.5, fill=PAPER, edge=2.4)
    furrows = uneven(radial(620, 440, 560, 0.22, 0.62), 0.15, 2)
    plate.area(rect(-5, 426, 910, 190), furrows, fan((VANISH[0], VANISH[1] - 6), 150, 8), fill=MIST, edge=0)
    plate.line([(-5, 427), (905, 427)], 2.6)


def _turbine(plate, z):
    """A turbine: tower, hub and three blades, red for the nearest one."""
    x, high, wide = 4.5, 6.4, 0.13
    foot, top = _at(x, 0, z), _at(x, high, z)
    k = FOCUS / z
    tower = [(foot[0] - wide * k, foot[1]), (foot[0] + wide * k, foot[1])]
    tower += [(top[0] + wide * 0.45 * k, top[1]), (top[0] - wide * 0.45 * k, top[1])]
    blades = [_blade(top, 1.15 + z * 0.043 + i * 2.0944, 2.9 * k) for i in range(3)]
    near = z == TURBINES[0]
    plate.halo([tower, *blades], 3 + k * 0.07)
    edge = 1 + k * 0.034
    plate.area(
        tower, across(foot[0] - wide * k, foot[0] + wide * k, 0.0, 0.7), angle=90, pitch=max(2.2, k * 0.09), edge=edge
    )
    for blade in blades:
        plate.area(blade, 0, fill=RED if near else PAPER, edge=edge)
    plate.fill(ellipse(*top, max(2, 0.16 * k)))


def _blade(hub, angle, length):
    shape = ((0.02, -0.012), (0.16, -0.045), (0.3, -0.04), (1.0, 0.004), (1.0, 0.012), (0.3, 0.026), (0.02, 0.022))
    c, s = cos(angle), sin(angle)
    return [(hub[0] + length * (u * c - v * s), hub[1] + length * (u * s + v * c)) for u, v in shape]


def _spot(z, px, py):
    """Project a point of the pylon at distance z, in fractions of its height."""
    return _at(-7.4 + px * 8.4, py * 8.4, z)


def _pylon(plate, z):
    k = FOCUS / z
    weight = 0.7 + k * 0.105
    side = lambda sign: [_spot(z, sign * w, h) for w, h in ((0.15, 0), (0.05, 0.6), (0.032, 0.92), (0, 1.0))]
    legs = [side(-1), side(1)]
    struts = []
    widths = [(0.15 - 0.1 * t, 0.6 * t) for t in (0, 0.3, 0.56, 0.78, 1.0)] + [
        (0.044, 0.7),
        (0.04, 0.79),
        (0.034, 0.91),
    ]
    for (w, h), (v, g) in pairwise(widths):
        struts += [
            [_spot(z, -w, h), _spot(z, v, g)],
            [_spot(z, w, h), _spot(z, -v, g)],
            [_spot(z, -v, g), _spot(z, v, g)],
        ]
    arms = []
    for h, reach in ARMS:
        for sign in (-1, 1):
            arms += [
                [_spot(z, 0, h), _spot(z, sign * reach, h)],
                [_spot(z, sign * 0.035, h + 0.055), _spot(z, sign * reach, h)],
            ]
            arms += [[_spot(z, sign * reach, h), _spot(z, sign * reach, h - 0.035)]]
    for stroke in legs + arms:
        plate.line(stroke, weight + 1.5 + k * 0.08, PAPER)
    for stroke in struts:
        plate.line(stroke, max(0.6, weight * 0.42))
    for stroke in arms:
        plate.line(stroke, weight * 0.72)
    for stroke in legs:
        plate.line(stroke, weight)


def _wires(plate):
    for near, far in pairwise(PYLONS):
        for h, reach in ARMS:
            for sign in (-1, 1):
                (ax, ay), (bx, by) = _spot(near, sign * reach, h - 0.035), _spot(far, sign * reach, h - 0.035)
                sag = 0.75 * FOCUS / ((near + far) / 2) * (1.0 if near > 10 else 1.2)
                points = [
                    (ax + (bx - ax) * t / 20, ay + (by - ay) * t / 20 + sag * 4 * t / 20 * (1 - t / 20) * 0.5)
                    for t in range(21)
                ]
                plate.taper(points, 1.5 + 60 / near, 1.5 + 60 / far, PAPER)
                plate.taper(points, 0.4 + 34 / near, 0.4 + 34 / far, INK)
