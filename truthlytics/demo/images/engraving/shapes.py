"""Plane geometry for the drawings: every function returns a list of (x, y) points."""

from itertools import pairwise
from math import cos, hypot, pi, sin, tau

WIDTH, HEIGHT = 900, 600


def rect(x, y, w, h):
    """The four corners of an upright rectangle, clockwise from its top left."""
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def ellipse(cx, cy, rx, ry=None, start=0.0, stop=tau, count=48):
    """An arc of an ellipse (by default all of it), in radians, clockwise."""
    ry = rx if ry is None else ry
    steps = [start + (stop - start) * i / count for i in range(count + 1)]
    return [(cx + rx * cos(a), cy + ry * sin(a)) for a in steps]


def rounded(x, y, w, h, r):
    """A rectangle with rounded corners."""
    corners = ((x + w - r, y + r, -pi / 2), (x + w - r, y + h - r, 0), (x + r, y + h - r, pi / 2), (x + r, y + r, pi))
    return [p for cx, cy, a in corners for p in ellipse(cx, cy, r, r, a, a + pi / 2, 8)]


def curve(points, closed=False, count=8):
    """A smooth curve (Catmull-Rom) through all the points."""
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[max(0, min(n - 1, i))])
    result = []
    for i in range(n if closed else n - 1):
        a, b, c, d = at(i - 1), at(i), at(i + 1), at(i + 2)
        for k in range(count):
            t = k / count
            result.append(
                tuple(
                    0.5
                    * (
                        2 * b[j]
                        + (c[j] - a[j]) * t
                        + (2 * a[j] - 5 * b[j] + 4 * c[j] - d[j]) * t * t
                        + (3 * b[j] - a[j] - 3 * c[j] + d[j]) * t**3
                    )
                    for j in (0, 1)
                )
            )
    return result if closed else [*result, points[-1]]


def move(points, dx=0.0, dy=0.0, scale=1.0, turn=0.0, flip=False):
    """Rotate the points about the origin, scale, optionally mirror, then move them."""
    c, s = cos(turn) * scale, sin(turn) * scale
    sign = -1 if flip else 1
    return [(dx + sign * (x * c - y * s), dy + x * s + y * c) for x, y in points]


def ribbon(points, start, stop=None):
    """A band along the points whose width changes from `start` to `stop`."""
    stop = start if stop is None else stop
    left, right = [], []
    last = len(points) - 1
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[max(0, i - 1)], points[min(last, i + 1)]
        length = hypot(bx - ax, by - ay) or 1
        half = (start + (stop - start) * i / last) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def resample(points, step=7.0):
    """Resample a polyline with points at most `step` apart."""
    result = [points[0]]
    for (ax, ay), (bx, by) in pairwise(points):
        n = max(1, int(hypot(bx - ax, by - ay) / step))
        result += [(ax + (bx - ax) * i / n, ay + (by - ay) * i / n) for i in range(1, n + 1)]
    return result


def along(points, count):
    """Resample a polyline with `count` evenly spaced points."""
    spans = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    total, result, i, done = sum(spans) or 1, [], 0, 0.0
    for k in range(count):
        goal = total * k / (count - 1)
        while i < len(spans) - 1 and done + spans[i] < goal:
            done += spans[i]
            i += 1
        t = min(1, (goal - done) / (spans[i] or 1))
        (ax, ay), (bx, by) = points[i], points[i + 1]
        result.append((ax + (bx - ax) * t, ay + (by - ay) * t))
    return result


def ground(points, bottom=HEIGHT + 10):
    """Close a polyline downwards, like land below a horizon."""
    return [*points, (points[-1][0], bottom), (points[0][0], bottom)]
