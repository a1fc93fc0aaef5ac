"""A tram waits at night before a red signal; the clock beside it has a red second hand."""

from math import cos, radians, sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, fan
from truthlytics.demo.images.engraving.shapes import ellipse, rect, rounded
from truthlytics.demo.images.engraving.tone import across, darker, radial, soft, uneven

GLOW, HORIZON = "#f6d98a", 372
X = 404  # the middle of the tram


def draw():
    """Return the complete plate."""
    plate = Plate("A tram stands at a red signal in a dark street; a large clock hangs beside it")
    _street(plate)
    _houses(plate)
    _wires(plate)
    _tram(plate)
    _clock(plate, 128, 214, 74)
    _signal(plate, 742, 150)
    return plate


def _street(plate):
    plate.area(rect(-5, -5, 910, HORIZON + 10), radial(X, 300, 620, 0.5, 0.95), pitch=8, wave=0.8, edge=0)
    beams = soft([[(X - 70, 470), (X + 70, 470), (X + 250, 620), (X - 250, 620)]], 30, 0.9)
    dark = radial(X, 470, 620, 0.5, 0.92, squash=0.5)
    tone = lambda x, y: dark(x, y) * (1 - 0.8 * beams(x, y))
    plate.area(rect(-5, HORIZON, 910, 240), uneven(tone, 0.05), fan((X, 330), 230, 40), edge=0)
    for a, b in ((-58, -196), (58, 196)):
        rail = [(X + a, 500), (X + a + 5, 500), (X + b + 17, 612), (X + b - 3, 612)]
        plate.halo([rail], 5)
        plate.fill(rail)


def _houses(plate):
    blocks = ((-10, 92, 214, 1), (198, 150, 96, 1), (520, 160, 92, -1), (608, 104, 300, -1))
    for x, top, wide, side in blocks:
        shade = across(x, x + wide, 0.9, 0.62) if side > 0 else across(x, x + wide, 0.62, 0.9)
        plate.area(rect(x, top, wide, 410 - top), shade, angle=90, pitch=6.5, fill=GREEN, edge=2.6)
        plate.area(rect(x - 4, top - 10, wide + 8, 12), 0.5, pitch=4, edge=2.2)
        for k, px in enumerate(range(int(x) + 18, int(x + wide) - 30, 42)):
            for row, py in enumerate(range(top + 26, 330, 62)):
                lit = (k * 3 + row * 5 + int(x)) % 11 == 0
                plate.area(rect(px, py, 22, 34), 0 if lit else 0.94, fill=GLOW if lit else INK, pitch=5, edge=2)
                plate.line([(px - 4, py + 38), (px + 26, py + 38)], 2.4, MIST)


def _wires(plate):
    for dx in (-90, 0, 90):
        plate.line([(X + dx * 0.1, 128), (X + dx * 5, -8)], 4.5, PAPER)
        plate.line([(X + dx * 0.1, 128), (X + dx * 5, -8)], 1.8)
    plate.line([(-5, 46), (X, 70), (905, 40)], 4.5, PAPER)
    plate.line([(-5, 46), (X, 70), (905, 40)], 1.8)


def _tram(plate):
    body = rounded(X - 128, 152, 256, 356, 34)
    plate.line([(X - 46, 152), (X, 120), (X + 46, 152)], 9, PAPER)
    plate.line([(X - 46, 152), (X, 120), (X + 46, 152)], 4)
    plate.line([(X - 40, 119), (X + 40, 119)], 5)
    plate.halo([body], 10)
    plate.area(body, across(X - 128, X + 128, 0.0, 0.5), angle=90, pitch=6.5, fill=PAPER, edge=3.2)
    skirt = [(X - 128, 384), (X + 128, 384), (X + 128, 474), (X + 110, 508), (X - 110, 508), (X - 128, 474)]
    plate.area(skirt, across(X - 128, X + 128, 0.06, 0.66), pitch=6.5, fill=RED, edge=3)
    board = rounded(X - 78, 166, 156, 36, 6)
    plate.area(board, 0, fill=INK, edge=2.6)
    plate.fill(rect(X - 64, 177, 26, 14), GLOW)
    plate.fill(rect(X - 28, 180, 90, 8), GLOW)
    glass = rounded(X - 106, 216, 212, 148, 16)
    gleam = lambda x, y: 0.26 if 40 < (x - X + (y - 216) * 0.55) % 160 < 82 else 0.74
    plate.area(glass, gleam, angle=-61, pitch=7, fill=GREEN, edge=3)
    _driver(plate)
    plate.line([(X, 364), (X - 62, 262)], 3.4)
    for sign in (-1, 1):
        lamp = ellipse(X + sign * 82, 432, 22)
        plate.halo([lamp], 5)
        plate.area(lamp, 0, fill=GLOW, edge=3)
        plate.area(ellipse(X + sign * 82, 432, 11), 0, fill=PAPER, edge=1.8)
        mirror = rounded(X + sign * 146 - 9, 226, 18, 50, 6)
        plate.line([(X + sign * 120, 232), (X + sign * 146, 236)], 4)
        plate.halo([mirror], 5)
        plate.area(mirror, 0.4, pitch=4, fill=INK, edge=2.2)
    plate.area(rounded(X - 26, 444, 52, 28, 5), 0.8, pitch=4, fill=INK, edge=2.4)
    plate.fill(rect(X - 100, 506, 200, 16))


def _driver(plate):
    x, y = X + 36, 366
    shoulders = [
        (x - 46, y - 3),
        (x - 40, y - 44),
        (x - 14, y - 58),
        (x + 14, y - 58),
        (x + 40, y - 44),
        (x + 46, y - 3),
    ]
    head = ellipse(x, y - 78, 19, 24)
    cap = [(x - 23, y - 86), (x - 17, y - 108), (x + 17, y - 108), (x + 23, y - 86)]
    plate.halo([shoulders, head, cap], 5)
    for shape in (shoulders, head, cap):
        plate.fill(shape)
    plate.fill(rect(x - 20, y - 92, 40, 5), PAPER)


def _clock(plate, x, y, r):
    post = rect(x - 8, y + r, 16, 420)
    plate.halo([post], 7)
    plate.area(post, across(x - 8, x + 8, 0.1, 0.9), angle=90, pitch=4.5, edge=2.6)
    plate.halo([ellipse(x, y, r + 12)], 9)
    plate.area(ellipse(x, y, r + 12), 0.9, pitch=4, fill=INK, edge=3)
    plate.area(ellipse(x, y, r), radial(x - 16, y - 16, 120, 0, 0.2), pitch=5, edge=2.6)
    for k in range(60):
        a = radians(6 * k)
        inner = r - (19 if k % 15 == 0 else 13 if k % 5 == 0 else 8)
        plate.line([(x + q * sin(a), y - q * cos(a)) for q in (inner, r - 5)], 5 if k % 5 == 0 else 1.6)
    for angle, length, width in ((radians(232), 36, 7), (radians(264), 54, 5)):
        plate.line([(x, y), (x + length * sin(angle), y - length * cos(angle))], width)
    # Four seconds past the minute.
    wedge = [(x, y), *[(x + 62 * sin(radians(a)), y - 62 * cos(radians(a))) for a in range(0, 25, 2)]]
    plate.area(wedge, 0, fill=RED, edge=2)
    plate.area(ellipse(x, y, 6), 0, fill=RED, edge=2)


def _signal(plate, x, y):
    post = rect(x - 9, y, 18, 470)
    plate.halo([post], 7)
    plate.area(post, across(x - 9, x + 9, 0.1, 0.9), angle=90, pitch=4.5, edge=2.6)
    case = rounded(x - 50, y - 60, 100, 250, 20)
    plate.halo([case], 10)
    plate.area(case, darker(across(x - 50, x + 50, 0.7, 0.95)), angle=90, pitch=5, fill=INK, edge=3)
    plate.line(rounded(x - 42, y - 52, 84, 234, 15), 1.8, MIST)
    for k in range(3):
        cy = y - 10 + k * 75
        plate.area(ellipse(x, cy, 31), 0 if k == 0 else 0.8, fill=RED if k == 0 else SAND, pitch=5, edge=2.6)
        plate.line(ellipse(x, cy, 34, 34, 3.3, 6.1, 24), 4, MIST)
    plate.fill(rect(x - 21, y - 15, 42, 10), PAPER)
