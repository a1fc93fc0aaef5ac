"""An empty pier with a timetable on which most sailings are struck out."""

from math import sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, MIST, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect
from truthlytics.demo.images.engraving.solid import Camera, face
from truthlytics.demo.images.engraving.tone import across, down, least, radial, uneven

CAMERA = Camera((-0.4, 2.3, -4.0), focus=620, centre=(330, 246))
HORIZON = 246


def draw():
    """Return the complete plate."""
    plate = Plate("An empty pier runs out to sea; most lines of the timetable board beside it are struck out")
    _sky_and_sea(plate)
    _pier(plate)
    _board(plate, 560, 92, 286, 330)
    _gull(plate, 642, 76)
    return plate


def _sky_and_sea(plate):
    plate.area(
        rect(-5, -5, 910, HORIZON + 6),
        uneven(radial(330, HORIZON, 620, 0.0, 0.66, 0.85), 0.08),
        pitch=8.5,
        wave=2.6,
        length=60,
        edge=0,
    )
    isle = curve([(70, HORIZON), (112, 222), (150, 214), (182, 196), (214, 204), (246, 226), (300, HORIZON)])
    plate.area(isle, across(80, 300, 0.2, 0.75), fill=GREEN, pitch=5, angle=64, edge=2.2)
    sea = least(0.8, uneven(down(HORIZON, 600, 0.22, 0.6), 0.35, 4))
    plate.area(rect(-5, HORIZON, 910, 360), sea, fill=MIST, pitch=8.5, wave=2.4, length=21, edge=0)
    plate.line([(-5, HORIZON), (905, HORIZON)], 2.2)


def _pier(plate):
    left, right, near, far, y = -1.5, 1.35, -3.0, 26.0, 0.55
    deck = CAMERA.all([(left, y, near), (right, y, near), (right, y, far), (left, y, far)])
    for z in (20, 14, 9.5, 6, 3.4, 1.4, 0):
        for x in (left + 0.1, right - 0.1):
            a, b = CAMERA.at((x, y, z)), CAMERA.at((x, -1.2, z))
            plate.line([a, b], max(2, CAMERA.focus * 0.16 / (z + 4)))
    plate.halo([deck], 6)
    plate.area(deck, 0.0, fill=SAND, edge=2.6)
    z, k = -2.9, 0
    while z < far:
        row = CAMERA.all([(left, y, z), (right, y, z)])
        plate.line(row, max(0.5, 7 / (z + 4.6)))
        if z < 14:
            board = CAMERA.all([(left, y, z), (right, y, z), (right, y, z + 0.32), (left, y, z + 0.32)])
            face(
                plate,
                board,
                across(board[0][0], board[1][0], 0.05, 0.16 + 0.3 * (k * 7 % 5) / 4),
                pitch=5.5,
                fill=None,
                edge=0,
            )
        z, k = z + 0.32, k + 1
    edge = CAMERA.all([(left, y, near), (left, y, far), (left, y - 0.16, far), (left, y - 0.16, near)])
    plate.area(edge, 0.9, pitch=6, fill=INK, edge=2)
    for x in (left + 0.06, right - 0.06):
        for z in (25, 18, 13, 9, 6, 3.6, 1.6, 0):
            plate.line(CAMERA.all([(x, y, z), (x, y + 0.95, z)]), max(1.6, 30 / (z + 4.6)))
        for h in (0.5, 0.93):
            low, high = CAMERA.at((x, y + h, 25)), CAMERA.at((x, y + h, near + 0.2))
            plate.taper([low, high], 1.2, 9)


def _board(plate, x, y, w, h):
    for dx in (24, w - 44):
        post = rect(x + dx, y - 16, 20, 640)
        plate.halo([post], 8)
        plate.area(post, across(x + dx, x + dx + 20, 0.15, 0.85), angle=90, pitch=4.5, edge=2.6)
    frame = rect(x, y, w, h)
    plate.halo([frame], 10)
    plate.area(frame, 0.86, pitch=6, fill=INK, edge=3)
    panel = rect(x + 13, y + 13, w - 26, h - 26)
    plate.area(panel, 0, edge=2.4)
    plate.area(rect(x + 13, y + 13, w - 26, 42), 0.0, fill=INK, edge=2.4)
    plate.fill(rect(x + 30, y + 28, 104, 12), PAPER)
    plate.fill(rect(x + w - 82, y + 28, 52, 12), PAPER)
    gap = (h - 26 - 42) / 8
    for k in range(8):
        top = y + 55 + gap * k
        middle = top + gap / 2
        plate.line([(x + 13, top + gap), (x + w - 13, top + gap)], 1.4)
        length = (92, 120, 78, 104, 66, 112, 88, 100)[k]
        alive = k in (2,)
        ink = GREEN if alive else INK
        plate.fill(rect(x + 30, middle - 5, 42, 10), ink)
        plate.fill(rect(x + 92, middle - 5, length, 10), ink)
        if not alive:
            stroke = [
                (x + 21 + i * (w - 44) / 12, middle + 1.2 * sin(i * 0.9 + k * 2.1) + ((k * 5) % 7 - 3) * (i - 6) * 0.3)
                for i in range(13)
            ]
            plate.taper(curve(stroke, count=4), 6.5, 3.5, RED)


def _gull(plate, x, y):
    """A gull on the pier."""
    at = lambda pts: move(pts, x, y, 0.82)
    body = at(
        curve(
            [
                (2, -30),
                (10, -42),
                (22, -45),
                (31, -39),
                (33, -31),
                (30, -20),
                (20, -6),
                (2, -1),
                (-22, -6),
                (-50, -16),
                (-30, -18),
                (-12, -24),
            ],
            closed=True,
        )
    )
    wing = at(curve([(12, -20), (0, -9), (-26, -6), (-66, -14), (-30, -19), (-8, -26)], closed=True))
    for dx in (0, 9):
        plate.line(at([(dx, -4), (dx + 1, 19)]), 2.4)
    plate.halo([body], 6)
    plate.area(body, down(y - 22, y, 0, 0.2), angle=10, pitch=4, edge=2.2)
    plate.area(wing, 0.62, pitch=3.4, angle=8, edge=1.9)
    plate.fill(at([(31, -38), (45, -33), (33, -31)]), RED)
    plate.fill(ellipse(*at([(25, -38)])[0], 1.8))
