"""Make the pictures of the demo publication: `python draw.py` for all, `python draw.py NAME ...` for some."""

import sys
from pathlib import Path

from engraving.faces import FACES
from engraving.raster import rasterise
from engraving.scenes import SCENES

HERE = Path(__file__).parent


def picture(name):
    """Cut one scene and print it, 1800 by 1200."""
    svg = HERE / "svg" / f"{name}.svg"
    svg.write_text(SCENES[name]().svg())
    rasterise(svg, HERE / f"{name}.png", (900, 600))


def portrait(name):
    """Cut one face and print it, 480 by 480."""
    svg = HERE / "faces" / "svg" / f"{name}.svg"
    svg.write_text(FACES[name]().svg())
    rasterise(svg, HERE / "faces" / f"{name}.png", (240, 240))


def main(names):
    """Draw the named pictures and faces, or every one."""
    for name in names or [*SCENES, *FACES]:
        (portrait if name in FACES else picture)(name)
        print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
