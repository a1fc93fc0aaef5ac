"""A warning siren on a mast sends out rings; of five telephones in front, three have received the alarm."""

from math import cos, radians, sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate, rings
from truthlytics.demo.images.engraving.figures import house
from truthlytics.demo.images.engraving.shapes import curve, ellipse, ground, move, rect, rounded
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, uneven

MAST = (450, 118)
ALARMED = (True, True, False, True, False)


def draw():
    """Return the complete plate."""
    plate = Plate("A siren on a mast above a village; three of five telephones in front show a warning, two are dark")
    _sky(plate)
    _village(plate)
    _siren(plate)
    for k, alarmed in enumerate(ALARMED):
        _telephone(plate, 70 + k * 161, 352, 116, 226, alarmed)
    return plate


def _sky(plate):
    waves = lambda x, y: 0.5 + 0.36 * sin(((x - MAST[0]) ** 2 + (y - MAST[1]) ** 2) ** 0.5 / 15)
    fade = radial(*MAST, 620, 0.55, 1.0)
    plate.area(rect(-5, -5, 910, 420), lambda x, y: waves(x, y) * fade(x, y), rings(MAST, 7.5, 1000), edge=0)


def _village(plate):
    hill = curve([(-20, 330), (120, 300), (270, 274), (450, 256), (630, 272), (780, 300), (920, 326)])
    plate.area(ground(hill), uneven(down(256, 420, 0.4, 0.9), 0.1), fill=GREEN, pitch=7, wave=1.6, edge=2.8)
    for x, y, w, h in ((300, 290, 30, 26), (560, 292, 30, 26), (200, 308, 34, 30), (660, 312, 36, 30)):
        house(plate, x, y, w, h, pane="#f6d98a")
    for x, y, w, h in ((84, 338, 42, 36), (366, 312, 38, 32), (770, 342, 44, 38)):
        house(plate, x, y, w, h, pane="#f6d98a")


def _siren(plate):
    x, y = MAST
    for a, b in (((x, 130), (x - 54, 268)), ((x, 130), (x + 54, 268))):
        plate.line([a, b], 5, PAPER)
        plate.line([a, b], 2)
    pole = rect(x - 6, y, 12, 150)
    plate.halo([pole], 6)
    plate.area(pole, across(x - 6, x + 6, 0.1, 0.9), angle=90, pitch=4, edge=2.4)
    for sign in (-1, 1):
        horn = [(x + sign * 12, y - 9), (x + sign * 42, y - 16), (x + sign * 92, y - 46)]
        low = [(x + sign * 92, y + 46), (x + sign * 42, y + 16), (x + sign * 12, y + 9)]
        bell = [*curve(horn), *curve(low)]
        plate.halo([bell], 8)
        plate.area(bell, down(y - 46, y + 46, 0.0, 0.8), pitch=5, fill=RED, edge=2.8)
        mouth = ellipse(x + sign * 92, y, 15, 47)
        plate.halo([mouth], 5)
        plate.area(mouth, across(x + sign * 76, x + sign * 108, 0.5, 0.95), angle=90, pitch=5, fill=RED, edge=2.8)
    hub = rounded(x - 20, y - 22, 40, 44, 8)
    plate.halo([hub], 5)
    plate.area(hub, across(x - 20, x + 20, 0.05, 0.8), angle=90, pitch=4.5, fill=SAND, edge=2.8)
    cap = ellipse(x, y - 22, 26, 15, 3.1416, 6.2832, 20)
    plate.area(cap, 0.7, pitch=4, fill=INK, edge=2.4)


def _telephone(plate, x, y, w, h, alarmed):
    case = rounded(x, y, w, h, 18)
    plate.halo([case], 9)
    plate.area(case, across(x, x + w, 0.55, 0.95), angle=90, pitch=5, fill=INK, edge=3)
    screen = rounded(x + 9, y + 22, w - 18, h - 52, 5)
    if alarmed:
        plate.area(screen, radial(x + w / 2, y + h * 0.42, 130, 0.0, 0.2), pitch=6, edge=2.4)
        _warning(plate, x + w / 2, y + h * 0.36, 34)
        for k, long in enumerate((62, 70, 46)):
            plate.fill(rect(x + w / 2 - 35, y + h * 0.6 + k * 15, long, 6), INK)
    else:
        gleam = lambda px, py: 0.5 if 18 < (px - x + (py - y) * 0.6) % 150 < 52 else 0.9
        plate.area(screen, gleam, angle=-58, pitch=6, fill=MIST, edge=2.4)
    plate.fill(rounded(x + w / 2 - 15, y + 9, 30, 6, 3), PAPER)
    plate.area(ellipse(x + w / 2, y + h - 15, 8.5), 0, fill=PAPER if alarmed else MIST, edge=2)


def _warning(plate, x, y, r):
    corners = [(r * 1.15 * sin(radians(a)), -r * 1.15 * cos(radians(a))) for a in (0, 120, 240)]
    triangle = move(corners, x, y + 5)
    plate.area(triangle, darker(across(x - r, x + r, 0.0, 0.3)), angle=90, pitch=4.5, fill=RED, edge=3)
    plate.fill([(x - 4, y - 15), (x + 4, y - 15), (x + 2.5, y + 9), (x - 2.5, y + 9)], PAPER)
    plate.fill(ellipse(x, y + 16, 3.6), PAPER)
