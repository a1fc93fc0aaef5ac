"""Bookshelves at night; a single reading lamp burns over an open book and an empty chair."""

from random import Random

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.shapes import curve, ellipse, rect
from truthlytics.demo.images.engraving.tone import across, darker, radial, soft, uneven

LAMP = (520, 352)
SHELVES = (108, 214, 320, 426)  # where the books stand
BAYS = ((-30, 214), (230, 474), (490, 734), (750, 990))
TABLE = 478


def draw():
    """Return the complete plate."""
    plate = Plate("A wall of books; on the table in front a reading lamp lights an open book, and the chair is empty")
    plate.area(rect(-5, -5, 910, 610), radial(*LAMP, 640, 0.6, 0.96), pitch=7, edge=0)
    dice = Random(11)
    for left, right in BAYS:
        _bay(plate, dice, left, right)
    _ladder(plate)
    _table(plate)
    _book(plate, 372, 516)
    _lamp(plate)
    _chair(plate, 690)
    return plate


def _light(x, y):
    return radial(*LAMP, 520, 0.0, 0.84, 0.75)(x, y)


def _bay(plate, dice, left, right):
    for shelf in SHELVES:
        x = left + 4.0
        while x < right - 16:
            wide = dice.uniform(11, 27)
            high = dice.uniform(62, 88)
            if dice.random() < 0.06:
                x += wide * 1.6
                continue
            _spine(plate, dice, x, shelf, min(wide, right - 4 - x), high)
            x += wide + 0.6
        board = rect(left, shelf, right - left, 11)
        plate.area(board, _light, pitch=4, fill=SAND, edge=2.4)
    for x in (left - 12, right):
        post = rect(x, -5, 14, 620)
        plate.area(post, lambda px, py: darker(_light, 0.15)(px, py), angle=90, pitch=5, fill=SAND, edge=2.6)


def _spine(plate, dice, x, shelf, wide, high):
    if wide < 6:
        return
    fill = dice.choice((PAPER, PAPER, SAND, MIST, GREEN, GREEN, GREEN, RED))
    if fill == RED and dice.random() < 0.5:
        fill = SAND
    book = rect(x, shelf - high, wide, high)
    side = across(x, x + wide, 0.04, 0.5)
    tone = lambda px, py: darker(side, lambda a, b: 0.95 * _light(a, b))(px, py)
    plate.area(book, tone, angle=dice.choice((0, 90, 90)), pitch=dice.uniform(3.8, 5), fill=fill, edge=1.8)
    if wide > 13 and dice.random() < 0.6:
        label = rect(x + 3, shelf - high + dice.uniform(9, 18), wide - 6, 9)
        plate.area(label, lambda px, py: 0.8 * _light(px, py), pitch=3.5, fill=PAPER, edge=1.4)


def _ladder(plate):
    foot, head = (96, 588), (178, -10)
    for dx in (0, 58):
        rail = [(foot[0] + dx, foot[1]), (head[0] + dx, head[1])]
        plate.line(rail, 16, PAPER)
        plate.line(rail, 11)
        plate.line(rail, 5, SAND)
    for k in range(1, 11):
        t = k / 11
        x, y = foot[0] + (head[0] - foot[0]) * t, foot[1] + (head[1] - foot[1]) * t
        plate.line([(x, y), (x + 58, y)], 12, PAPER)
        plate.line([(x, y), (x + 58, y)], 8)
        plate.line([(x, y), (x + 58, y)], 3, SAND)


def _table(plate):
    top = [(186, TABLE), (800, TABLE), (866, 546), (120, 546)]
    plate.halo([top], 9)
    pool = radial(LAMP[0] - 60, 512, 330, 0.0, 0.7, 1.2, squash=0.3)
    plate.area(top, uneven(pool, 0.04), pitch=6.5, fill=SAND, edge=3)
    plate.area(rect(120, 546, 746, 26), across(120, 866, 0.6, 0.8), pitch=5, fill=GREEN, edge=2.8)
    for x in (150, 800):
        plate.area(rect(x, 572, 36, 40), 0.8, angle=90, pitch=5, fill=GREEN, edge=2.6)
    plate.area(rect(186, 572, 614, 40), 0.96, pitch=6, fill=INK, edge=0)


def _book(plate, x, y):
    shade = soft([[(x - 92, y + 10), (x + 104, y + 10), (x + 112, y + 24), (x - 96, y + 24)]], 7, 0.7)
    plate.area(rect(x - 130, y + 2, 260, 26), shade, pitch=5, fill=None, edge=0)
    for sign in (-1, 1):
        far = curve([(x, y - 26), (x + sign * 34, y - 36), (x + sign * 78, y - 30)])
        near = curve([(x, y + 12), (x + sign * 42, y + 1), (x + sign * 96, y + 9)])
        page = [*far, *near[::-1]]
        plate.halo([page], 5)
        plate.area(page, across(x, x + sign * 90, 0.2, 0.0), angle=90, pitch=5, edge=2.6)
        for k in range(4):
            t = 0.2 + k * 0.19
            a = (x + sign * (12 + 2 * t), y - 26 + 36 * t - 6)
            b = (x + sign * (70 + 14 * t), y - 30 + 38 * t)
            plate.line([a, b], 2)
    plate.line([(x, y - 26), (x, y + 12)], 2.6)


def _lamp(plate):
    x, y = LAMP
    plate.fill([(x - 62, y + 4), (x + 62, y + 4), (x + 150, TABLE + 60), (x - 250, TABLE + 60)], "#f6d98a", 0.22)
    base = ellipse(x + 6, 520, 48, 13)
    plate.halo([base], 6)
    plate.area(base, across(x - 40, x + 54, 0.1, 0.9), angle=90, pitch=4.5, fill=SAND, edge=2.8)
    plate.line([(x + 6, 516), (x + 6, y - 10)], 13, PAPER)
    plate.line([(x + 6, 516), (x + 6, y - 10)], 7.5)
    bulb = ellipse(x, y + 6, 52, 13)
    plate.area(bulb, 0, fill="#f6d98a", edge=2.6)
    shade = [(x - 78, y + 8), (x - 66, y - 30), (x - 34, y - 54), (x + 34, y - 54), (x + 66, y - 30), (x + 78, y + 8)]
    shade = [*curve(shade), (x + 40, y + 1), (x - 40, y + 1)]
    plate.halo([shade], 8)
    plate.area(shade, across(x - 78, x + 78, 0.04, 0.7), angle=90, pitch=5.5, fill=GREEN, edge=3)
    plate.area(ellipse(x, y - 58, 9, 7), 0, fill=SAND, edge=2.4)
    plate.line([(x + 46, y + 8), (x + 46, y + 40)], 2)
    plate.area(ellipse(x + 46, y + 44, 4), 0, fill=PAPER, edge=1.8)


def _chair(plate, x):
    """The empty chair, seen from behind the table's near edge."""
    posts = [rect(x, 410, 15, 210), rect(x + 121, 410, 15, 210)]
    rails = [rect(x + 6, 424, 124, 24), rect(x + 6, 506, 124, 18)]
    slats = [rect(x + dx, 444, 13, 66) for dx in (32, 62, 92)]
    plate.halo([*posts, *rails, *slats], 8)
    for slat in slats:
        plate.area(slat, 0.5, angle=90, pitch=4.5, fill=RED, edge=2.4)
    for rail in rails:
        plate.area(rail, across(x, x + 136, 0.1, 0.6), pitch=5, fill=RED, edge=2.8)
    for post in posts:
        plate.area(post, across(post[0][0], post[1][0], 0.1, 0.8), angle=90, pitch=4.5, fill=RED, edge=2.8)
