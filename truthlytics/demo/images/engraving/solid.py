"""Solids in perspective: a camera, boxes, and faces hatched towards their vanishing points."""

from math import cos, radians, sin

from truthlytics.demo.images.engraving.engrave import PAPER, between
from truthlytics.demo.images.engraving.tone import darker

SIDES = {  # corner numbers (bit 0: right, bit 1: up, bit 2: far), walked round each face
    "front": (0, 1, 3, 2),
    "back": (5, 4, 6, 7),
    "left": (4, 0, 2, 6),
    "right": (1, 5, 7, 3),
    "top": (2, 3, 7, 6),
    "bottom": (4, 5, 1, 0),
}


class Camera:
    """A pinhole camera; x runs right, y up, z away from the viewer."""

    def __init__(self, eye, yaw=0.0, pitch=0.0, focus=800.0, centre=(450, 300)):
        self.eye, self.focus, self.centre = eye, focus, centre
        self.turn = cos(radians(yaw)), sin(radians(yaw)), cos(radians(pitch)), sin(radians(pitch))

    def view(self, point):
        """Return the point in camera coordinates: right, up, away."""
        x, y, z = (a - b for a, b in zip(point, self.eye, strict=True))
        cy, sy, cp, sp = self.turn
        x, z = x * cy - z * sy, x * sy + z * cy
        return x, y * cp - z * sp, y * sp + z * cp

    def at(self, point):
        """Project a point onto the page."""
        x, y, z = self.view(point)
        scale = self.focus / max(z, 0.05)
        return self.centre[0] + x * scale, self.centre[1] - y * scale

    def all(self, points):
        """Project several points onto the page."""
        return [self.at(p) for p in points]

    def depth(self, points):
        """Return the mean distance of the points."""
        return sum(self.view(p)[2] for p in points) / len(points)


def box(x, y, z, w, h, d, turn=0.0, about=None):
    """Return the corners of a box, given its near lower left corner, rotated about a vertical axis."""
    corners = [(x + w * (i & 1), y + h * (i >> 1 & 1), z + d * (i >> 2 & 1)) for i in range(8)]
    if not turn:
        return corners
    ax, az = about or (x + w / 2, z + d / 2)
    c, s = cos(radians(turn)), sin(radians(turn))
    return [(ax + (px - ax) * c - (pz - az) * s, py, az + (px - ax) * s + (pz - az) * c) for px, py, pz in corners]


def facing(quad):
    """Return whether a projected face points towards the viewer."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(quad, [*quad[1:], quad[0]], strict=True)) < 0


def face(plate, quad, tone, *, run=0, pitch=7.0, fill=PAPER, edge=2.0, glaze=0.0):
    """Draw a quadrilateral, hatched along its first edge (run 0) or second edge (run 1)."""
    a, b, c, d = quad
    rows = between([a, b], [d, c], pitch) if run == 0 else between([b, c], [a, d], pitch)
    plate.area(quad, darker(tone, glaze) if glaze else tone, rows, fill=fill, edge=edge)


def solid(
    plate, camera, corners, tones, *, fill=PAPER, fills=None, pitch=7.0, edge=2.0, runs=None, glaze=0.0, halo=0.0
):
    """Draw the visible faces of a box, each in its own tone, back to front.

    `tones` names a tone per side; "side" serves for left, right, front and back that are not named.
    """
    faces = []
    for side, order in SIDES.items():
        spots = [corners[i] for i in order]
        quad = camera.all(spots)
        if facing(quad):
            faces.append((camera.depth(spots), side, quad))
    if halo:
        plate.halo([quad for _, _, quad in faces], halo)
    for _, side, quad in sorted(faces, key=lambda f: f[0], reverse=True):
        tone = tones.get(side, tones.get("side", 0.3))
        run = (runs or {}).get(side, 0)
        face(plate, quad, tone, run=run, pitch=pitch, fill=(fills or {}).get(side, fill), edge=edge, glaze=glaze)
