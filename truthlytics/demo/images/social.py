"""Draw the demo’s image for shared links: `python -m truthlytics.demo.images.social`."""

import re
from pathlib import Path

from truthlytics.demo.images.engraving.raster import rasterise

HERE = Path(__file__).parent
PAPER, RULE, INK, GREEN, RED = "#faf7ef", "#d3ccb8", "#1a1e1b", "#0f5c47", "#a32d1b"
WIDTH, HEIGHT, LINE = 1200, 630, 42


def marks():
    """Return the path of the wordmark without the lines below it."""
    return re.findall(r'd="([^"]+)"', (HERE / "svg" / "wordmark.svg").read_text())[0]


def ledger():
    """Return ledger paper: fine lines, a red margin and columns on the right."""
    lines = "".join(f"M0 {y + 0.5}H{WIDTH}" for y in range(LINE * 2, HEIGHT, LINE))
    columns = "".join(f"M{x + 0.5} 0V{HEIGHT}" for x in (936, 1020, 1104))
    return (
        f'<path fill="none" stroke="{RULE}" stroke-width="1" d="{lines}{columns}"/>'
        f'<path fill="none" stroke="{RED}" stroke-width="1.5" opacity=".55" d="M110.5 0V{HEIGHT}M116.5 0V{HEIGHT}"/>'
    )


def ticks():
    """What was checked, line after line."""
    rows = ((1062, 3), (1062, 4), (978, 5), (1062, 6), (978, 8), (1062, 9), (1146, 11), (1062, 12))
    return "".join(
        f'<path fill="none" stroke="{GREEN}" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" '
        f'd="M{x - 10} {LINE * (row + 2) - 21}l7 8 14 -19"/>'
        for x, row in rows
    )


def drawing():
    scale = 1.7
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path fill="{PAPER}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>{ledger()}{ticks()}'
        f'<g transform="translate(160 {LINE * 8 - 78 * scale:.1f}) scale({scale})">'
        f'<path fill="{INK}" d="{marks()}"/></g>'
        f'<path fill="{INK}" d="M160 {LINE * 9}h740v4h-740zM160 {LINE * 9 + 10}h740v4h-740z"/></svg>'
    )


if __name__ == "__main__":
    svg = HERE / "svg" / "social.svg"
    svg.write_text(drawing())
    rasterise(svg, HERE / "social.png", (WIDTH, HEIGHT), scale=1)
