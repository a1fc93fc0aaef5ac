"""A crowd with an error bar laid over it."""

from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.figures import bust, hair
from truthlytics.demo.images.engraving.shapes import ellipse, rect
from truthlytics.demo.images.engraving.tone import across, darker, down

LEFT, RIGHT, MIDDLE, HEIGHT = 262, 668, 452, 318


def draw():
    """Return the complete plate."""
    plate = Plate("A dense crowd of figures; a red error bar is laid across them")
    plate.area(rect(-5, -5, 910, 260), down(0, 230, 0.78, 0.2), pitch=8, wave=1.6, edge=0)
    plate.fill(rect(-5, 190, 910, 420))
    _crowd(plate, Random(7))
    _bar(plate)
    return plate


def _crowd(plate, dice):
    y, size = 150.0, 46.0
    row = 0
    while y < 720:
        step = size * 0.98
        x = -step + (row % 2) * step / 2
        while x < 900 + step:
            _one(plate, dice, x + dice.uniform(-0.12, 0.12) * step, y + dice.uniform(-0.1, 0.1) * size, size, row)
            x += step
        y += size * 0.66
        size *= 1.17
        row += 1


def _one(plate, dice, x, y, size, row):
    height, wide = size * dice.uniform(0.94, 1.06), dice.uniform(0.9, 1.08)
    shape = bust(x, y, height, wide)
    counted = LEFT < x < RIGHT
    side = across(x - size * 0.5, x + size * 0.5, 0.12, 0.82)
    low = down(y - size * 0.3, y + size * 0.4, 0.0, 0.35)
    tone = darker(side, low, 0.0 if counted else 0.3)
    fill = dice.choice((GREEN, GREEN, MIST)) if counted else dice.choice((PAPER, PAPER, SAND))
    angle = dice.choice((0, 0, 90, 60, -60))
    plate.area(shape, tone, fill=fill, angle=angle, pitch=3.6 + size * 0.022, edge=1.2 + size * 0.009)
    cap = hair(x, y, height, wide, dice.choice((0, 0, 1, 2, 2, 3, 3)))
    if cap:
        plate.area(
            cap, dice.choice((0.55, 0.85, 1.0)), fill=fill, angle=90, pitch=3 + size * 0.015, edge=1.2 + size * 0.008
        )


def _bar(plate):
    strokes = [[(LEFT, HEIGHT), (RIGHT, HEIGHT)]] + [[(x, HEIGHT - 74), (x, HEIGHT + 74)] for x in (LEFT, RIGHT)]
    for width, ink in ((25, INK), (20, PAPER), (12, RED)):
        for stroke in strokes:
            plate.line(stroke, width, ink)
    plate.area(ellipse(MIDDLE, HEIGHT, 29), 0, fill=PAPER, edge=2.6)
    plate.area(
        ellipse(MIDDLE, HEIGHT, 22), across(MIDDLE - 10, MIDDLE + 22, 0.0, 0.5), fill=RED, pitch=4, angle=0, edge=2.4
    )
