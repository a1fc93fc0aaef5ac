"""Tones: functions from a position to a darkness between 0 (paper) and 1 (black)."""

from math import hypot, sin

from PIL import Image, ImageDraw, ImageFilter

from truthlytics.demo.images.engraving.shapes import HEIGHT, WIDTH


def clamp(value):
    """Clamp `value` to the range from paper to black."""
    return 0.0 if value < 0 else 1.0 if value > 1 else value


def flat(value):
    """The same tone everywhere."""
    return lambda x, y: value


def as_tone(tone):
    """Return a tone; a number becomes a constant tone."""
    return tone if callable(tone) else flat(tone)


def linear(start, stop, first, last, power=1.0):
    """A linear gradient from `first` at the start point to `last` at the stop point."""
    (ax, ay), (bx, by) = start, stop
    dx, dy = bx - ax, by - ay
    span = dx * dx + dy * dy

    def tone(x, y):
        t = clamp(((x - ax) * dx + (y - ay) * dy) / span)
        return first + (last - first) * t**power

    return tone


def down(top, bottom, first, last, power=1.0):
    """A vertical gradient between the heights `top` and `bottom`."""
    return linear((0, top), (0, bottom), first, last, power)


def across(left, right, first, last, power=1.0):
    """A horizontal gradient."""
    return linear((left, 0), (right, 0), first, last, power)


def radial(cx, cy, radius, first, last, power=1.0, squash=1.0):
    """A radial gradient from `first` at the centre to `last` at the radius; `squash` flattens the rings."""
    return lambda x, y: first + (last - first) * clamp(hypot(x - cx, (y - cy) / squash) / radius) ** power


def darker(*tones):
    """Combine tones so that each one only darkens the result."""
    tones = [as_tone(t) for t in tones]

    def tone(x, y):
        light = 1.0
        for t in tones:
            light *= 1 - clamp(t(x, y))
        return 1 - light

    return tone


def times(tone, factor):
    """Multiply a tone by a factor or by another tone."""
    tone, factor = as_tone(tone), as_tone(factor)
    return lambda x, y: tone(x, y) * factor(x, y)


def least(*tones):
    """Return the lightest of the tones at each position."""
    tones = [as_tone(t) for t in tones]
    return lambda x, y: min(t(x, y) for t in tones)


def soft(polygons, blur, value=1.0):
    """Grey shapes with soft edges: cast shadows, pools of light, mist."""
    half = Image.new("L", (WIDTH // 2, HEIGHT // 2), 0)
    pen = ImageDraw.Draw(half)
    for polygon in polygons:
        pen.polygon([(x / 2, y / 2) for x, y in polygon], fill=255)
    pixels = half.filter(ImageFilter.GaussianBlur(blur / 2)).load()
    right, bottom = WIDTH // 2 - 1, HEIGHT // 2 - 1

    def tone(x, y):
        return value * pixels[max(0, min(right, int(x / 2))), max(0, min(bottom, int(y / 2)))] / 255

    return tone


def uneven(tone, amount=0.06, seed=0.0):
    """Add slow, hand-drawn variation to a tone."""
    tone = as_tone(tone)
    return lambda x, y: (
        tone(x, y)
        * (1 + amount * (sin(x / 37 + y / 61 + seed) + sin(x / 83 - y / 29 + 2 * seed) + sin(y / 17 + seed * 3) * 0.5))
    )
