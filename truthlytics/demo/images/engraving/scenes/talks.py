"""A meeting that did not happen: two empty chairs in a pool of light."""

from math import sin

from truthlytics.demo.images.engraving.engrave import GREEN, INK, PAPER, RED, Plate, between, parallels, rings
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect
from truthlytics.demo.images.engraving.solid import Camera, box, solid
from truthlytics.demo.images.engraving.tone import darker, flat, least, radial, soft

CAMERA = Camera((0, 1.75, -7.4), pitch=-5, focus=1010, centre=(450, 262))
WALL = 2.9  # metres to the curtain


def draw():
    """Return the complete plate."""
    plate = Plate("Two empty armchairs and a small table in a pool of light, furled flags behind them")
    _hall(plate)
    for flip, ink in ((False, GREEN), (True, RED)):
        _flag(plate, flip, ink)
    for sign in (-1, 1):
        _chair(plate, sign * 1.42, sign * -26)
    _table(plate)
    return plate


def _hall(plate):
    seam = CAMERA.at((0, 0, WALL))[1]
    folds = lambda x, y: 0.16 * sin(x / 15 + 0.7 * sin(x / 71)) + 0.06 * sin(x / 6.1)
    glow = radial(450, 300, 560, 0.42, 0.86, 0.9, squash=0.85)
    curtain = lambda x, y: min(0.93, glow(x, y) + folds(x, y))
    plate.area(rect(-5, -5, 910, seam + 5), curtain, angle=90, pitch=7.5, wave=1.2, edge=0)
    pool = radial(450, 452, 490, 0.04, 0.88, 1.8, squash=0.36)
    shadows = soft([_shadow(-1.42), _shadow(1.42), _shadow(0, 0.3)], 16, 0.72)
    plate.area(rect(-5, seam, 910, 320), darker(pool, shadows), rings((450, 410), 8.5, 1400, 0.36), edge=0)
    plate.line([(-5, seam), (905, seam)], 2.6)


def _shadow(x, half=0.72):
    """The shadow of a chair; the lamp is above and behind it."""
    return CAMERA.all(
        [(x - half, 0, 0.5), (x + half, 0, 0.5), (x * 1.12 + half * 1.15, 0, -1.25), (x * 1.12 - half * 1.15, 0, -1.25)]
    )


def _flag(plate, flip, ink):
    foot = CAMERA.at((-3.0, 0, 1.7))
    pole = move([(0, 0), (0, -318)], *foot)
    side = [
        (0, -300),
        (22, -280),
        (44, -220),
        (56, -150),
        (56, -96),
        (46, -44),
        (37, -62),
        (26, -34),
        (12, -56),
        (0, -40),
        (-10, -80),
        (-10, -150),
    ]
    place = lambda pts: [(900 - x if flip else x, y) for x, y in move(pts, *foot)]
    plate.area(place(ellipse(0, 0, 24, 7)), 0.8, fill=INK)
    cloth = place(curve(side, closed=True))
    plate.halo([cloth], 6)
    fold = lambda x, y: 0.34 + 0.3 * sin((x if not flip else 900 - x) / 4.6 + y / 60)
    left, right = place(curve(side[:1] + side[:9:-1])), place(curve(side[:10]))
    plate.area(cloth, fold, between(left, right, 4.2), fill=ink, edge=2.4)
    pole = [(900 - x if flip else x, y) for x, y in pole]
    plate.line(pole, 9, PAPER)
    plate.line(pole, 4.5)
    plate.line([(pole[1][0] - 0.8, pole[0][1] - 4), (pole[1][0] - 0.8, pole[1][1])], 1.4, PAPER)
    plate.area(ellipse(pole[1][0], pole[1][1] - 5, 5.5, 8), 0, fill=PAPER)


def _chair(plate, x, turn):
    centre = (x, 0.05)
    part = lambda *a: box(*a, turn=turn, about=centre)
    left, near = x - 0.62, -0.45
    inner = {"front": 0.2, "top": 0.0, "side": 0.5}
    outer = {"front": 0.14, "top": 0.0, "left": 0.66, "right": 0.66}
    for fx in (0.06, 1.1):
        solid(plate, CAMERA, part(left + fx, 0, near + 0.06, 0.08, 0.14, 0.08), {"side": 1.0}, fill=INK)
    back = part(left + 0.06, 0.14, near + 0.86, 1.12, 1.0, 0.2)
    seat = part(left + 0.2, 0.14, near, 0.84, 0.22, 0.9)
    cushion = part(left + 0.2, 0.36, near - 0.03, 0.84, 0.15, 0.9)
    arms = [part(left + dx, 0.14, near - 0.02, 0.2, 0.54, 0.98) for dx in (0, 1.04)]
    solid(plate, CAMERA, back, inner, pitch=5.5, runs={"front": 1}, edge=2.4, halo=9)
    far, close = arms if turn < 0 else arms[::-1]
    solid(plate, CAMERA, far, outer, pitch=5.5, runs={"front": 1}, edge=2.4, halo=9)
    solid(plate, CAMERA, seat, {"front": 0.55, "top": 0.3, "side": 0.7}, pitch=5.5, edge=2.4)
    solid(plate, CAMERA, cushion, {"front": 0.12, "top": 0.05, "side": 0.5}, pitch=5.5, edge=2.4)
    solid(plate, CAMERA, close, outer, pitch=5.5, runs={"front": 1}, edge=2.4, halo=9)


def _table(plate):
    top = [CAMERA.at((px, 0.55, pz)) for px, pz in ellipse(0, -0.25, 0.46, 0.4)]
    low = [(px, py + 9) for px, py in top]
    x, y = CAMERA.at((0, 0, -0.25))
    plate.area(ellipse(x, y, 34, 9), 0.75, fill=INK)
    plate.line([(x, y - 4), (x, CAMERA.at((0, 0.5, -0.25))[1])], 9)
    plate.area(low, flat(0.8), fill=INK, edge=2.4)
    plate.area(top, least(0.3, radial(x - 20, top[0][1] - 6, 90, 0, 0.34)), parallels(top, 0, 5), edge=2.4)
    for sign in (-1, 1):
        bx, by = CAMERA.at((sign * 0.2, 0.55, -0.2))
        plate.fill(ellipse(bx, by, 11, 4))
        neck = curve([(bx, by), (bx + sign * 2, by - 30), (bx + sign * 16, by - 58), (bx + sign * 30, by - 68)])
        plate.line(neck, 3)
        head = move(ellipse(0, 0, 11, 5.5), bx + sign * 36, by - 72, turn=-sign * 0.5)
        plate.area(head, 0.6, angle=60, pitch=3, fill=PAPER, edge=2.2)
