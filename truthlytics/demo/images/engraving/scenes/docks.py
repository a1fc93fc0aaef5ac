"""Quay cranes at sunrise, one lifting a red container over a row of dockers."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, Plate
from truthlytics.demo.images.engraving.figures import COAT, FOLDED, person
from truthlytics.demo.images.engraving.shapes import ellipse, ground, rect
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, uneven

SEA, QUAY = 430, 512


def draw():
    """Return the complete plate."""
    plate = Plate("A quay crane holds a red container above a row of dockers")
    _sky(plate)
    _sea(plate)
    for x, scale in ((878, 0.34), (818, 0.42), (738, 0.55)):
        _crane(plate, x, SEA + 62 * scale, scale, 2.6 * scale + 0.8)
    _quay(plate)
    _crane(plate, 300, QUAY + 6, 1.0, 5.2)
    _container(plate, 596, 268)
    _dockers(plate)
    return plate


def _sky(plate):
    glow = radial(596, SEA - 20, 640, 0.02, 0.72, 0.9)
    plate.area(rect(-5, -5, 910, SEA + 10), uneven(glow, 0.05), pitch=8.5, wave=1.6, edge=0)
    sun = [(x, min(y, SEA)) for x, y in ellipse(596, SEA - 22, 92)]
    plate.area(sun, down(SEA - 110, SEA, 0.0, 0.3), fill=PAPER, pitch=7, edge=2.4)


def _sea(plate):
    shine = across(470, 720, 0.0, 0.0)
    ripple = darker(down(SEA, QUAY, 0.25, 0.6), shine)
    plate.area(rect(-5, SEA, 910, 90), uneven(ripple, 0.25, 2), fill=GREEN, pitch=6.5, wave=1.5, length=23, edge=0)
    for k, (y, half) in enumerate(((438, 78), (450, 54), (462, 62), (476, 36), (490, 44))):
        plate.taper([(596 + 6 * (-1) ** k, y), (596 + half, y)], 3.4, 0.4, PAPER)
        plate.taper([(596 + 6 * (-1) ** k, y), (596 - half, y)], 3.4, 0.4, PAPER)
    plate.line([(-5, SEA), (905, SEA)], 2.2)


def _quay(plate):
    top = [(-5, QUAY), (905, QUAY)]
    plate.area(ground(top), down(QUAY, 600, 0.66, 0.98), fill=MIST, pitch=8, edge=0)
    plate.area(rect(-5, QUAY, 910, 11), 0.0, fill=PAPER, edge=2.4)
    for x in range(30, 900, 62):
        plate.line([(x, QUAY + 2), (x, QUAY + 10)], 2)


def _crane(plate, x, base, k, weight):
    """A ship-to-shore crane: two legs, a cabin and a boom over the water."""
    at = lambda px, py: (x + px * k, base - py * k)

    def beam(a, b, w=1.0):
        plate.line([at(*a), at(*b)], weight * w + 2.5 * k, PAPER)
        plate.line([at(*a), at(*b)], weight * w)

    apex = (30, 470)
    for tip in ((-205, 352), (455, 352), (250, 352)):
        plate.line([at(*apex), at(*tip)], max(0.9, weight * 0.34))
    beam((0, 332), apex, 0.9)
    beam((92, 332), apex, 0.9)
    for left, right in (((-14, 0), (0, 332)), ((106, 0), (92, 332))):
        beam(left, right, 1.35)
    beam((-12, 96), (104, 96), 1.3)
    beam((-6, 214), (98, 214), 0.9)
    for a, b in (((-10, 96), (98, 214)), ((103, 96), (-5, 214)), ((-4, 214), (92, 332)), ((98, 214), (0, 332))):
        plate.line([at(*a), at(*b)], max(0.9, weight * 0.5))
    _boom(plate, at, weight)
    plate.area([at(-120, 340), at(-40, 340), at(-40, 386), at(-120, 386)], 0.7, fill=INK, pitch=4, edge=weight * 0.5)
    for px in (-14, 106):
        plate.fill([at(px - 24, -5), at(px + 24, -5), at(px + 17, 16), at(px - 17, 16)])


def _boom(plate, at, weight):
    plate.fill([at(-215, 332), at(470, 332), at(470, 340), at(-215, 340)])
    plate.line([at(-215, 354), at(470, 354)], max(1, weight * 0.5))
    steps = range(-215, 470, 27)
    for k, px in enumerate(steps):
        low, high = (340, 354) if k % 2 else (354, 340)
        plate.line([at(px, low), at(min(470, px + 27), high)], max(0.8, weight * 0.36))


def _container(plate, x, y):
    trolley = QUAY + 6 - 332
    plate.fill(rect(x - 26, trolley - 3, 52, 12))
    for dx in (-20, 20):
        plate.line([(x + dx, trolley), (x + dx * 2.4, y - 14)], 1.8)
    plate.fill(rect(x - 60, y - 14, 120, 7))
    for dx in (-54, 54):
        plate.line([(x + dx, y - 8), (x + dx, y)], 3)
    shade = lambda px, py: 0.5 if (px - x + 78) % 13 < 6.5 else 0.1
    plate.area(rect(x - 78, y, 156, 62), shade, fill=RED, angle=90, pitch=6.5, edge=3)
    plate.line([(x - 78, y + 6), (x + 78, y + 6)], 2)
    plate.line([(x - 78, y + 56), (x + 78, y + 56)], 2)


def _dockers(plate):
    row = (
        (446, 138, FOLDED),
        (494, 146, COAT),
        (545, 140, FOLDED),
        (596, 152, FOLDED),
        (648, 138, COAT),
        (698, 147, FOLDED),
        (747, 140, COAT),
    )
    for x, height, coat in row:
        body, head = person(x, 574, height, coat)
        plate.halo([body, head], 4.5)
        plate.fill(body)
        plate.fill(head)
        brow = 574 - height * 0.95
        dome = ellipse(x, brow, height * 0.067, height * 0.075, 3.1416, 6.2832)
        plate.area([(x - height * 0.095, brow + 1), *dome, (x + height * 0.095, brow + 1)], 0, fill=PAPER, edge=2)
