"""Draw the images of the demo publication.

Run `python -m truthlytics.demo.images.draw` for all of them, or add names to draw only these.
"""

import sys
from pathlib import Path

from truthlytics.demo.images.engraving.faces import FACES
from truthlytics.demo.images.engraving.raster import rasterise
from truthlytics.demo.images.engraving.scenes import SCENES

HERE = Path(__file__).parent


def draw_scene(name):
    """Write one scene as SVG and as a PNG of 1800 by 1200 pixels."""
    svg = HERE / "svg" / f"{name}.svg"
    svg.write_text(SCENES[name]().svg())
    rasterise(svg, HERE / f"{name}.png", (900, 600))


def draw_portrait(name):
    """Write one portrait as SVG and as a PNG of 480 by 480 pixels."""
    svg = HERE / "faces" / "svg" / f"{name}.svg"
    svg.write_text(FACES[name]().svg())
    rasterise(svg, HERE / "faces" / f"{name}.png", (240, 240))


def main(names):
    for name in names or [*SCENES, *FACES]:
        (draw_portrait if name in FACES else draw_scene)(name)
        print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
