"""A long table with one sealed envelope, and outlines where others might have lain."""

from truthlytics.demo.images.engraving.engrave import GREEN, INK, PAPER, RED, SAND, Plate
from truthlytics.demo.images.engraving.shapes import ellipse, rect
from truthlytics.demo.images.engraving.solid import Camera, box, face, solid
from truthlytics.demo.images.engraving.tone import across, darker, down, radial, soft

CAMERA = Camera((0, 2.25, -3.1), pitch=-31, focus=860, centre=(450, 336))
TOP = 0.74  # metres from the floor to the top of the table
PLACES = ((-0.86, 0.5), (0.0, 0.5), (0.86, 0.5), (-0.86, -0.42), (0.86, -0.42))


def draw():
    """Return the complete plate."""
    plate = Plate("A long table with one sealed envelope; dashed outlines show five places where none lies")
    _room(plate)
    for x in (-0.95, 0.0, 0.95):
        _chair(plate, x)
    _table(plate)
    for place in PLACES:
        _outline(plate, *place)
    _envelope(plate, 0.0, -0.42)
    return plate


def _room(plate):
    wall = darker(radial(450, 130, 520, 0.3, 0.92, 0.9), lambda x, y: 0.5 if (x - 450) % 150 < 5 else 0.0)
    plate.area(rect(-5, -5, 910, 380), wall, angle=90, pitch=7.5, edge=0)
    floor = radial(450, 560, 560, 0.62, 0.94, squash=0.5)
    plate.area(rect(-5, 370, 910, 240), floor, pitch=8, edge=0)


def _quad(x, z, w, d, y=TOP):
    return CAMERA.all([(x - w, y, z - d), (x + w, y, z - d), (x + w, y, z + d), (x - w, y, z + d)])


def _chair(plate, x):
    tones = {"front": across(200, 700, 0.2, 0.6), "top": 0.0, "side": 0.85}
    seat = box(x - 0.3, 0.4, 1.2, 0.6, 0.06, 0.5)
    solid(plate, CAMERA, seat, tones, fill=SAND, pitch=5.5, edge=2.2, halo=6)
    for dx in (-0.3, 0.24):
        solid(plate, CAMERA, box(x + dx, 0.0, 1.64, 0.06, 1.12, 0.06), tones, fill=SAND, pitch=5, edge=2.2, halo=6)
    for y, h in ((0.92, 0.16), (0.66, 0.12)):
        rail = box(x - 0.24, y, 1.65, 0.48, h, 0.04)
        solid(plate, CAMERA, rail, tones, fill=GREEN, pitch=5.5, edge=2.2, runs={"front": 1})


def _table(plate):
    slab = box(-1.7, TOP - 0.09, -1.0, 3.4, 0.09, 2.0)
    for x in (-1.55, 1.43):
        solid(plate, CAMERA, box(x, 0, -0.9, 0.12, TOP, 0.12), {"front": 0.5, "side": 0.9}, fill=SAND, edge=2.4)
    light = radial(450, 416, 470, 0.0, 0.74, 1.3, squash=0.62)
    shade = soft([_quad(0.05, -0.48, 0.44, 0.27)], 9, 0.6)
    solid(
        plate,
        CAMERA,
        slab,
        {"top": darker(light, shade), "front": across(60, 840, 0.55, 0.85), "side": 0.9},
        fill=SAND,
        fills={"front": GREEN},
        pitch=7.5,
        edge=3,
        halo=9,
    )
    for z in (-0.34, 0.33):
        plate.line(CAMERA.all([(-1.7, TOP, z), (1.7, TOP, z)]), 1.3)


def _outline(plate, x, z):
    quad = _quad(x, z, 0.36, 0.24)
    plate.line([*quad, quad[0]], 7, SAND)
    plate.line([*quad, quad[0]], 3, INK, dash="13 9")


def _envelope(plate, x, z):
    low, high = _quad(x, z, 0.4, 0.27, TOP), _quad(x, z, 0.4, 0.27, TOP + 0.035)
    side = [low[0], low[1], high[1], high[0]]
    plate.halo([low, high], 8)
    plate.area(side, 0.8, pitch=4, edge=2.2)
    face(plate, high, across(300, 640, 0.0, 0.16), pitch=6, edge=3)
    a, b, c, d = high
    middle = CAMERA.at((x, TOP + 0.035, z - 0.03))
    plate.area([d, c, middle], down(d[1], middle[1], 0.06, 0.32), pitch=5, edge=2.6)
    plate.line([a, middle], 2)
    plate.line([b, middle], 2)
    plate.line([(a[0] + 6, a[1] - 4), (b[0] - 6, b[1] - 4)], 1.2)
    plate.area(
        ellipse(*middle, 33, 24), across(middle[0] - 33, middle[0] + 33, 0.0, 0.6), fill=RED, pitch=4.4, edge=2.8
    )
    plate.line(ellipse(*middle, 21, 15), 2.2, PAPER)
    plate.line([(middle[0] - 8, middle[1]), (middle[0] - 1, middle[1] + 6), (middle[0] + 10, middle[1] - 8)], 3, PAPER)
