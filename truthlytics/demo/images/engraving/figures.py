"""Simplified people without faces, and houses."""

from truthlytics.demo.images.engraving.engrave import INK, SAND
from truthlytics.demo.images.engraving.shapes import curve, ellipse, move, rect

COAT = [
    (-3, -87),
    (-4, -83),
    (-12, -81),
    (-15, -76),
    (-17, -60),
    (-17, -44),
    (-14, -43),
    (-12, -58),
    (-11, -66),
    (-11, -46),
    (-10, -20),
    (-10, 0),
    (-2, 0),
    (-1, -20),
    (0, -42),
    (2, -20),
    (3, 0),
    (11, 0),
    (11, -20),
    (11, -46),
    (11, -66),
    (13, -58),
    (14, -43),
    (17, -44),
    (17, -60),
    (15, -76),
    (12, -81),
    (4, -83),
    (3, -87),
]
FOLDED = [
    (-3, -87),
    (-4, -83),
    (-12, -81),
    (-16, -75),
    (-18, -63),
    (-15, -58),
    (-11, -57),
    (-10, -46),
    (-13, -20),
    (-15, 0),
    (-6, 0),
    (-3, -20),
    (0, -42),
    (4, -20),
    (8, 0),
    (16, 0),
    (13, -20),
    (11, -46),
    (11, -57),
    (15, -58),
    (18, -63),
    (16, -75),
    (12, -81),
    (4, -83),
    (3, -87),
]


def person(x, y, height, coat=COAT, flip=False):
    """Body and head of a standing figure with its feet at (x, y)."""
    scale = height / 100
    body = move([*coat], x, y, scale, flip=flip)
    head = move(ellipse(0, -92.5, 5.6, 7.4), x, y, scale, flip=flip)
    return body, head


def bust(x, y, size, wide=1.0):
    """Outline of head and shoulders, with the top of the head at (x, y - size)."""
    half = [
        (0, -100),
        (16, -96),
        (22, -82),
        (20, -66),
        (12, -54),
        (10, -50),
        (11, -43),
        (24, -37),
        (45, -30),
        (54, -12),
        (58, 30),
    ]
    right = curve(half, count=5)
    outline = [*right, *[(-px, py) for px, py in right[::-1]]]
    return [(x + px * size / 100 * wide, y + py * size / 100) for px, py in outline]


def hair(x, y, size, wide=1.0, style=0):
    """Hair for a bust of the same position and size: 0 short, 1 bob, 2 parted, 3 bald."""
    styles = (
        [(-23, -80), (-21, -96), (-6, -105), (10, -104), (22, -95), (24, -78), (16, -84), (0, -88), (-14, -85)],
        [
            (-24, -58),
            (-27, -80),
            (-20, -99),
            (0, -106),
            (20, -99),
            (27, -80),
            (24, -56),
            (17, -60),
            (17, -80),
            (2, -86),
            (-16, -82),
            (-17, -60),
        ],
        [(-22, -74), (-23, -92), (-10, -104), (12, -103), (23, -92), (22, -76), (12, -90), (-8, -92)],
    )
    if style >= len(styles):
        return []
    return [(x + px * size / 100 * wide, y + py * size / 100) for px, py in curve(styles[style], closed=True, count=4)]


def house(plate, x, y, w, h, roof=SAND, pane=INK, gable_tone=0.0):
    """A gabled house seen from a corner: a lit gable, a shaded side, a roof."""
    d, r = w * 0.9, h * 0.75
    gable = [(x, y), (x + w, y), (x + w, y - h), (x + w / 2, y - h - r), (x, y - h)]
    side = [(x + w, y), (x + w + d, y - 4), (x + w + d, y - h - 4), (x + w, y - h)]
    top = [(x + w, y - h), (x + w / 2, y - h - r), (x + w / 2 + d, y - h - r - 4), (x + w + d, y - h - 4)]
    plate.halo([gable, side, top], 5)
    plate.area(side, 0.62, pitch=4.5, edge=1.9)
    plate.area(gable, gable_tone, angle=90, pitch=4, edge=1.9)
    plate.area(top, 0.42, angle=62, pitch=4.6, fill=roof, edge=1.9)
    plate.fill(rect(x + w * 0.36, y - h * 0.72, w * 0.28, h * 0.4), pane)
