"""A waiting room: one person on a row of chairs, and a display with a number."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, fan
from truthlytics.demo.images.engraving.shapes import curve, ellipse, rect, rounded
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft, uneven

FLOOR, RAIL, SEAT = 500, 330, 432
CHAIRS = (38, 152, 266, 380, 494, 608)
TAKEN = 4
SEGMENTS = {"4": "bcfg", "8": "abcdefg", "7": "abc"}


def draw():
    """Return the complete plate."""
    plate = Plate("One person waits on a row of chairs below a window; a display shows the number 487")
    _wall(plate)
    _window(plate, 116, 58, 236, 214)
    _display(plate, 438, 70, 196, 96)
    _door(plate)
    _floor(plate)
    for k, x in enumerate(CHAIRS):
        _chair(plate, x)
        if k == TAKEN:
            _person(plate, x + 42)
    _suitcase(plate, 612, 578)
    return plate


def _wall(plate):
    light = radial(240, 170, 760, 0.14, 0.86, 0.8)
    plate.area(rect(-5, -5, 910, RAIL + 10), uneven(light, 0.05), angle=90, pitch=7.5, edge=0)
    low = lambda x, y: darker(light, 0.55 if (x + 20) % 60 < 4 else 0.1)(x, y)
    plate.area(rect(-5, RAIL, 910, FLOOR - RAIL), low, angle=90, pitch=6, fill=GREEN, edge=0)
    plate.area(rect(-5, RAIL - 8, 910, 16), lambda x, y: 0.7 * light(x, y), pitch=4, fill=SAND, edge=2.6)
    plate.area(rect(-5, FLOOR - 18, 910, 18), 0.6, pitch=4.5, fill=SAND, edge=2.4)


def _window(plate, x, y, w, h):
    frame = rect(x - 14, y - 14, w + 28, h + 28)
    plate.halo([frame], 7)
    plate.area(frame, across(x, x + w, 0.0, 0.3), angle=90, pitch=5, fill=SAND, edge=2.8)
    pane = rect(x, y, w, h)
    plate.area(
        pane, radial(x + w * 0.62, y + h * 0.42, 230, 0.0, 0.6), fan((x + w * 0.62, y + h * 0.42), 130, 34), edge=2.6
    )
    plate.area(ellipse(x + w * 0.62, y + h * 0.42, 32), 0, fill=PAPER, edge=2.2)
    hills = [
        (x, y + h * 0.76),
        *curve([(x + 1, y + h * 0.76), (x + 60, y + h * 0.66), (x + 140, y + h * 0.8), (x + w, y + h * 0.7)]),
    ]
    plate.area([*hills, (x + w, y + h), (x, y + h)], 0.5, angle=60, pitch=5.5, fill=GREEN, edge=2.2)
    for dx in (w / 3, w * 2 / 3):
        plate.line([(x + dx, y), (x + dx, y + h)], 8, PAPER)
        plate.line([(x + dx, y), (x + dx, y + h)], 4.5)
    plate.line([(x, y + h * 0.36), (x + w, y + h * 0.36)], 4.5)
    sill = rect(x - 26, y + h + 12, w + 52, 13)
    plate.halo([sill], 4)
    plate.area(sill, 0.1, edge=2.6)


def _display(plate, x, y, w, h):
    for dx in (36, w - 36):
        plate.line([(x + dx, y), (x + dx, -6)], 8, PAPER)
        plate.line([(x + dx, y), (x + dx, -6)], 4)
    case = rounded(x, y, w, h, 9)
    plate.halo([case], 8)
    plate.area(case, 0.96, pitch=6, fill=INK, edge=3)
    plate.line(rounded(x + 7, y + 7, w - 14, h - 14, 5), 1.8, MIST)
    for k, digit in enumerate("487"):
        _digit(plate, digit, x + 33 + k * 48, y + 21, 32, 54)


def _digit(plate, digit, x, y, w, h):
    m = h / 2
    lines = {
        "a": ((0, 0), (w, 0)),
        "b": ((w, 0), (w, m)),
        "c": ((w, m), (w, h)),
        "d": ((0, h), (w, h)),
        "e": ((0, m), (0, h)),
        "f": ((0, 0), (0, m)),
        "g": ((0, m), (w, m)),
    }
    for name in SEGMENTS[digit]:
        (ax, ay), (bx, by) = lines[name]
        sx, sy = (4 if bx != ax else 0), (4 if by != ay else 0)
        plate.line([(x + ax + sx, y + ay + sy), (x + bx - sx, y + by - sy)], 7, RED)


def _door(plate):
    x, y, w = 746, 74, 128
    frame = rect(x - 14, y - 14, w + 28, FLOOR - y + 14)
    plate.halo([frame], 7)
    plate.area(frame, 0.3, angle=90, pitch=5, fill=SAND, edge=2.8)
    plate.area(rect(x, y, w, FLOOR - y), across(x, x + w, 0.6, 0.9), angle=90, pitch=6, fill=GREEN, edge=2.6)
    glass = rect(x + 22, y + 24, w - 44, 150)
    plate.area(glass, 0.5, angle=-60, pitch=6, fill=MIST, edge=2.6)
    for top, high in ((y + 200, 84), (y + 304, 96)):
        plate.line([*rect(x + 22, top, w - 44, high), (x + 22, top)], 2.2)
    plate.area(ellipse(x + 14, y + 240, 6.5), 0, fill=PAPER, edge=2.2)


def _floor(plate):
    light = soft([[(150, FLOOR), (390, FLOOR), (330, 610), (10, 610)]], 18, 0.9)
    tone = down(FLOOR, 604, 0.5, 0.84)
    plate.area(rect(-5, FLOOR, 910, 110), lambda x, y: tone(x, y) * (1 - 0.72 * light(x, y)), pitch=7, edge=2.6)
    for k in range(-14, 15):
        plate.line([(450 + k * 62, FLOOR), (450 + k * 122, 612)], 1.6)


def _chair(plate, x):
    """A wooden chair seen from the front."""
    w = 84
    for dx, foot in ((4, 556), (w - 12, 556)):
        leg = rect(x + dx, SEAT, 8, foot - SEAT)
        plate.halo([leg], 5)
        plate.area(leg, 0.5, angle=90, pitch=4, fill=SAND, edge=2.2)
    plate.line([(x + 10, 520), (x + w - 10, 520)], 4)
    back = [(x + 6, SEAT - 4), (x + 4, SEAT - 108), (x + w - 4, SEAT - 108), (x + w - 6, SEAT - 4)]
    hole = [(x + 16, SEAT - 26), (x + 15, SEAT - 64), (x + w - 15, SEAT - 64), (x + w - 16, SEAT - 26)]
    plate.halo([back], 7)
    plate.area(back, across(x, x + w, 0.04, 0.5), pitch=5, fill=SAND, edge=2.6, holes=[hole])
    plate.area(hole, 0.7, angle=90, pitch=5, fill=GREEN, edge=2)
    seat = [(x + 4, SEAT - 8), (x + w - 4, SEAT - 8), (x + w + 6, SEAT + 12), (x - 6, SEAT + 12)]
    plate.halo([seat], 6)
    plate.area(seat, 0.0, fill=SAND, edge=2.6)
    plate.area(rect(x - 6, SEAT + 12, w + 12, 10), 0.7, pitch=4, fill=SAND, edge=2.2)


def _person(plate, x):
    """Someone with a hat and a coat, hands on the knees."""
    shins = [[(x + s * 8, 440), (x + s * 31, 440), (x + s * 27, 560), (x + s * 11, 560)] for s in (-1, 1)]
    shoes = [[(x + s * 7, 554), (x + s * 29, 554), (x + s * 36, 572), (x + s * 6, 572)] for s in (-1, 1)]
    thighs = [rounded(min(x + s * 2, x + s * 38), 404, 36, 62, 16) for s in (-1, 1)]
    half = [(12, 292), (34, 302), (45, 336), (45, 400), (38, 424), (0, 428)]
    coat = curve([(x + px, y) for px, y in half] + [(x - px, y) for px, y in half[-2::-1]])
    head = ellipse(x, 266, 22, 27)
    for shape in (*shins, *shoes, *thighs):
        plate.halo([shape], 6)
        plate.fill(shape)
    plate.halo([coat, head], 8)
    plate.area(coat, across(x - 46, x + 50, 0.1, 0.8), angle=90, pitch=5.5, fill=RED, edge=3)
    plate.line([(x, 312), (x, 424)], 2.6)
    for sign in (-1, 1):
        plate.line(curve([(x + sign * 32, 330), (x + sign * 33, 392), (x + sign * 19, 424)]), 2.4)
        plate.area(ellipse(x + sign * 20, 430, 11, 8), 0, edge=2.2)
    plate.fill([(x - 13, 292), (x + 13, 292), (x, 318)], PAPER)
    plate.fill(head)
    crown = [(x - 23, 252), (x - 19, 222), (x + 19, 222), (x + 23, 252)]
    brim = ellipse(x, 252, 37, 8)
    plate.halo([crown, brim], 4)
    plate.fill(crown)
    plate.fill(brim)
    plate.fill(rect(x - 22, 240, 44, 6), PAPER)


def _suitcase(plate, x, y):
    case = rounded(x, y - 58, 92, 64, 8)
    plate.line([(x + 32, y - 56), (x + 32, y - 70), (x + 60, y - 70), (x + 60, y - 56)], 9, PAPER)
    plate.line([(x + 32, y - 56), (x + 32, y - 70), (x + 60, y - 70), (x + 60, y - 56)], 4.5)
    plate.halo([case], 7)
    plate.area(case, across(x, x + 92, 0.1, 0.7), angle=90, pitch=5, fill=SAND, edge=2.8)
    for dx in (20, 66):
        plate.fill(rect(x + dx, y - 58, 7, 64))
