"""The plate: areas of lines with varying width, and shapes over them, written as SVG."""

from itertools import pairwise
from math import cos, hypot, radians, sin

from PIL import Image, ImageDraw, ImageFilter

from truthlytics.demo.images.engraving.shapes import HEIGHT, WIDTH, along, resample
from truthlytics.demo.images.engraving.tone import as_tone, clamp

INK, PAPER, GREEN, MIST, SAND, RED = "#1c211e", "#f3eee0", "#2f7a63", "#cfdccb", "#e6dcc3", "#b8402f"
FAINTEST = 0.035  # below this a line would print as dust
TOLERANCE = 0.14  # points that stray less than this from a straight swelling line are left out


def parallels(shape, angle=0.0, pitch=8.0, wave=0.0, length=46.0):
    """Yield parallel wavy lines across a shape at an angle in degrees, as lists of (x, y, pitch)."""
    c, s = cos(radians(angle)), sin(radians(angle))
    us = [x * c + y * s for x, y in shape]
    vs = [y * c - x * s for x, y in shape]
    start = (min(vs) - wave * 2) // pitch * pitch + pitch / 2
    for k in range(int((max(vs) + wave * 2 - start) / pitch) + 2):
        v, row = start + k * pitch, []
        u = min(us) - 8
        while u < max(us) + 15:
            w = v + wave * (sin(u / length + v / 310) + 0.5 * sin(u / (length * 2.3) + 1.3))
            row.append((u * c - w * s, u * s + w * c, pitch))
            u += 7
        yield row


def fan(centre, count, near=0.0, far=1200.0):
    """Yield lines that radiate from a centre, `count` per full circle."""
    cx, cy = centre
    for k in range(count):
        angle = 6.283185 * (k + 0.5) / count
        yield [
            (cx + r * cos(angle), cy + r * sin(angle), min(14, 6.283185 * r / count))
            for r in range(int(near), int(far), 7)
        ]


def rings(centre, pitch=8.0, far=900.0, squash=1.0):
    """Yield circles around a centre, flattened by `squash`."""
    cx, cy = centre
    for k in range(1, int(far / pitch)):
        r = k * pitch - pitch / 2
        n = max(12, int(r))
        yield [
            (cx + r * cos(6.283185 * i / n), cy + r * squash * sin(6.283185 * i / n), pitch * squash**0.5)
            for i in range(n + 1)
        ]


def between(first, last, pitch=8.0):
    """Yield lines that interpolate between two polylines, like contours."""
    count = max(12, int(max(_length(first), _length(last)) / 8))
    a, b = along(first, count), along(last, count)
    gaps = [hypot(q[0] - p[0], q[1] - p[1]) for p, q in zip(a, b, strict=True)]
    n = max(1, round(sum(gaps) / len(gaps) / pitch))
    for k in range(n):
        t = (k + 0.5) / n
        yield [
            (p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t, min(16, gap / n))
            for p, q, gap in zip(a, b, gaps, strict=True)
        ]


def _length(points):
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))


def path(points, closed=True):
    """Return SVG path data with an absolute start and relative steps, one decimal."""
    coords = [(round(x * 10), round(y * 10)) for x, y in points]
    (x, y), parts = coords[0], [f"M{coords[0][0] / 10:g} {coords[0][1] / 10:g}l"]
    steps = []
    for nx, ny in coords[1:]:
        if (nx, ny) != (x, y):
            steps.append(f"{(nx - x) / 10:g} {(ny - y) / 10:g}")
            x, y = nx, ny
    return parts[0] + " ".join(steps).replace(" -", "-") + ("z" if closed else "")


def _thin(row):
    """Drop (x, y, width) points that do not change the line."""
    kept, i = [row[0]], 0
    while i < len(row) - 1:
        j = i + 1
        while j + 1 < len(row) and j - i < 30 and _straight(row, i, j + 1):
            j += 1
        kept.append(row[j])
        i = j
    return kept


def _straight(row, i, j):
    a, b = row[i], row[j]
    for k in range(i + 1, j):
        t = (k - i) / (j - i)
        if any(abs(a[m] + (b[m] - a[m]) * t - row[k][m]) > TOLERANCE for m in (0, 1, 2)):
            return False
    return True


def _swell(row):
    """Return path data for a line of (x, y, width) points."""
    row = _thin(row)
    left, right = [], []
    for i, (x, y, w) in enumerate(row):
        a, b = row[max(0, i - 1)], row[min(len(row) - 1, i + 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = hypot(dx, dy) or 1
        nx, ny = -dy / length * w / 2, dx / length * w / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return path(left + right[::-1])


class Plate:
    """One image: areas and lines in drawing order."""

    def __init__(self, title, paper=PAPER, size=(WIDTH, HEIGHT)):
        self.title, self.size = title, size
        self.parts = [f'<path fill="{paper}" d="M0 0h{size[0]}v{size[1]}H0z"/>']
        self.clips = 0

    def area(self, shape, tone=0.0, lines=None, *, fill=PAPER, ink=INK, edge=2.2, holes=(), **hatch):
        """Fill a shape with a colour, hatch it according to the tone, and outline it.

        `lines` is any family of lines above; without it, parallels take the remaining options.
        """
        outline = path(shape) + "".join(path(h) for h in holes)
        if fill:
            self.parts.append(f'<path fill="{fill}" fill-rule="evenodd" d="{outline}"/>')
        rows = parallels(shape, **hatch) if lines is None else lines
        cut = "".join(self._cut(shape, rows, as_tone(tone))) if tone else ""
        if cut:
            self.clips += 1
            name = f"c{self.clips}"
            self.parts.append(
                f'<clipPath id="{name}"><path clip-rule="evenodd" d="{outline}"/></clipPath>'
                f'<path clip-path="url(#{name})" fill="{ink}" d="{cut}"/>'
            )
        if edge:
            self.line([*shape, shape[0]], edge, ink)
            for hole in holes:
                self.line([*hole, hole[0]], edge, ink)

    def _cut(self, shape, rows, tone):
        mask = self._mask(shape)
        wide, high = self.size
        for row in rows:
            run = []
            for x, y, pitch in row:
                inside = -40 < x < wide + 40 and -40 < y < high + 40 and mask[int(x) // 3 + 20, int(y) // 3 + 20]
                width = pitch * clamp(tone(x, y)) if inside else 0
                if width < max(0.13, FAINTEST * pitch):
                    if len(run) > 1:
                        yield _swell(run)
                    run = []
                else:
                    run.append((x, y, width * 1.04 if width > 0.96 * pitch else width))
            if len(run) > 1:
                yield _swell(run)

    def _mask(self, shape):
        """Return the area for lines: the shape plus a margin, so that clipping ends them."""
        image = Image.new("L", (self.size[0] // 3 + 40, self.size[1] // 3 + 40), 0)
        ImageDraw.Draw(image).polygon([(x / 3 + 20, y / 3 + 20) for x, y in shape], fill=255, outline=255)
        return image.filter(ImageFilter.MaxFilter(9)).load()

    def line(self, points, width=2.2, ink=INK, dash=None):
        """Draw a line of constant width."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path fill="none" stroke="{ink}" stroke-width="{width:g}" stroke-linejoin="round"'
            f' stroke-linecap="round"{dashes} d="{path(points, closed=False)}"/>'
        )

    def halo(self, shapes, width=7.0, ink=PAPER):
        """Draw a paper-coloured outline around shapes that follow, to separate them from the background."""
        for shape in shapes:
            self.line([*shape, shape[0]], width, ink)

    def fill(self, shape, ink=INK, opacity=1.0):
        """Draw a plain shape without hatching."""
        veil = f' opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<path fill="{ink}"{veil} d="{path(shape)}"/>')

    def taper(self, points, start, stop, ink=INK):
        """Draw a line whose width changes from one value to another."""
        points = resample(points)
        last = max(1, len(points) - 1)
        row = [(x, y, start + (stop - start) * i / last) for i, (x, y) in enumerate(points)]
        self.parts.append(f'<path fill="{ink}" d="{_swell(row)}"/>')

    def svg(self):
        """Return the image as an SVG document."""
        wide, high = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">'
            f"<title>{self.title}</title>{''.join(self.parts)}</svg>\n"
        )
