"""Portraits as silhouettes: one head shape, six people."""

from functools import partial

from truthlytics.demo.images.engraving.engrave import GREEN, INK, PAPER, RED, Plate
from truthlytics.demo.images.engraving.shapes import rect
from truthlytics.demo.images.engraving.tone import radial

SIZE = 120
LINES = "#7f9a8d"
HEAD = (
    "M38 122C36 108 42 101 50 97C51 92 50 88 50 84C41 80 35 70 35 58"
    "C35 38 48 26 63 26C77 26 84 34 85 44C85 48 84 50 85 54"
    "L91 65C92 67 91 68 87 69C87 72 88 73 86 75C87 76 87 77 85 79"
    "C86 84 84 88 75 87C73 91 73 94 75 97C85 100 95 108 97 122Z"
)
COLLAR = "M52 100L68 116L75 99L79 102L72 122L60 122L47 103Z"
# Portraits: background colour, whether the face looks left, and shapes (colour, path) drawn over the head.
PEOPLE = {
    "face-1": (
        "#e2e6d6",
        False,
        [
            (
                INK,
                (
                    "M84 40C86 28 76 18 62 19C45 19 32 32 31 50C30 66 33 78 44 86"
                    "C50 80 49 70 54 62C62 60 66 54 67 46C74 47 80 45 84 40Z"
                ),
            ),
            (PAPER, COLLAR),
        ],
    ),
    "face-2": (
        "#efe4cf",
        True,
        [
            (
                INK,
                (
                    "M85 42C88 30 78 17 63 17C54 17 50 20 46 22C40 16 28 18 27 29"
                    "C26 35 29 39 33 41C31 50 31 62 40 74C44 66 48 60 52 50"
                    "C62 52 76 50 85 42Z"
                ),
            ),
            (RED, "M46 98C56 106 68 106 77 97L80 103C68 114 54 112 43 104Z"),
        ],
    ),
    "face-3": (
        "#dfe7e2",
        False,
        [
            (INK, "M85 40C84 26 74 20 60 21C46 22 35 33 35 48L38 60L44 62L47 52C56 44 74 46 85 40Z"),
            (INK, "M50 84C56 92 70 92 76 88C84 89 87 83 86 77L80 74C74 80 62 78 56 68Z"),
            (PAPER, "M53 99L66 112L74 98L78 101L70 122H56L48 102Z"),
        ],
    ),
    "face-4": (
        "#efe4cf",
        False,
        [
            (
                GREEN,
                (
                    "M86 45C88 26 76 15 60 16C39 17 28 34 29 55C30 72 36 83 37 94"
                    "C32 102 27 111 26 122L101 122C99 110 91 102 82 97"
                    "C78 95 76 92 74 88C66 82 62 72 64 62C66 52 78 52 86 45Z"
                ),
            ),
            ("fold", "M64 62C58 74 54 86 44 93"),
            ("fold", "M74 88C68 98 56 104 42 108"),
            ("fold", "M80 98C76 108 66 115 54 121"),
            ("fold", "M78 40C66 40 52 46 46 62"),
        ],
    ),
    "face-5": (
        "#e2e6d6",
        True,
        [
            (PAPER, "M50 102L62 122L76 101L84 104L74 122H54L43 105Z"),
            (INK, "M44 66C42 84 50 97 60 103C72 110 86 103 89 92C90 86 88 80 84 77C76 74 68 74 60 66Z"),
            ("wire", "M83 58A6.500 6.500 0 1 1 70 58A6.500 6.500 0 1 1 83 58M70 57L50 54"),
        ],
    ),
    "face-6": (
        "#dfe7e2",
        False,
        [
            (
                INK,
                (
                    "M85 43C89 38 93 30 90 24C84 16 72 15 60 17C44 19 34 32 34 48C34 60 38 70 46 77"
                    "C52 72 52 64 57 58C66 56 78 50 85 43Z"
                ),
            ),
            (INK, "M82 70C87 69 90.500 72 90.500 77.500C88 77.500 86.500 76 84 75Z"),
            (INK, "M85 79C88.500 84 88 92 83.500 95.500C78 96.500 73 92 72 86Z"),
            (PAPER, "M49 100L67 122L77 100L81 103L75 122H52L44 104Z"),
            (RED, "M66 107L56 102V113ZM66 107L76 102V113Z"),
        ],
    ),
}


def _shape(colour, data):
    if colour == "fold":
        return f'<path fill="none" stroke="{INK}" stroke-width="1.6" stroke-linecap="round" d="{data}"/>'
    if colour == "wire":
        return f'<path fill="none" stroke="{PAPER}" stroke-width="2.2" d="{data}"/>'
    return f'<path fill="{colour}" d="{data}"/>'


def portrait(name):
    """Return one silhouette on a ruled background that is brightest behind the face."""
    ground, left, shapes = PEOPLE[name]
    plate = Plate("Silhouette portrait", paper=ground, size=(SIZE, SIZE))
    tone = radial(44 if left else 76, 56, 90, 0.16, 0.52)
    plate.area(rect(-5, -5, 130, 130), tone, fill=None, ink=LINES, angle=0, pitch=5, wave=0.3, edge=0)
    drawn = "".join(_shape(*shape) for shape in [(INK, HEAD), *shapes])
    turn = ' transform="translate(120 0) scale(-1 1)"' if left else ""
    plate.parts.append(f"<g{turn}>{drawn}</g>")
    return plate


FACES = {name: partial(portrait, name) for name in PEOPLE}
