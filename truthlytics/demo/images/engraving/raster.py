"""Convert SVG to PNG: Chromium renders it, Pillow reduces the colours."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
APART = (18, 26, 36, 52, 76)  # how far two colours of a palette must differ, in steps of 255
CEILING = 350 * 1024


def _chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("Rasterising needs chromium on the PATH.")


def _palette(image, apart):
    """Return the most frequent sufficiently different colours, so that flat colours stay exact."""
    chosen = []
    for _, colour in sorted(image.getcolors(1 << 24), reverse=True)[:20000]:
        if all(sum(abs(a - b) for a, b in zip(colour, other, strict=True)) >= apart for other in chosen):
            chosen.append(colour)
        if len(chosen) == 64:
            break
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in chosen for channel in colour])
    return palette


def rasterise(svg: Path, png: Path, size, scale=2):
    """Write the SVG as a PNG of `size` times `scale` pixels, at most 350 KB."""
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        source = svg.read_text().replace(
            "<svg ", f'<svg style="display:block;width:{size[0]}px;height:{size[1]}px" ', 1
        )
        page.write_text(f'<!doctype html><body style="margin:0">{source}')
        subprocess.run(
            [
                _chromium(),
                *FLAGS,
                f"--user-data-dir={folder}/profile",
                f"--force-device-scale-factor={scale}",
                f"--window-size={size[0]},{size[1]}",
                f"--screenshot={shot}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=90,
        )
        image = Image.open(shot).convert("RGB").crop((0, 0, size[0] * scale, size[1] * scale))
    for apart in APART:
        # No dithering: it would grow the file and blur the lines.
        image.quantize(palette=_palette(image, apart), dither=Image.Dither.NONE).save(png, optimize=True)
        if png.stat().st_size <= CEILING:
            return
    raise SystemExit(f"{png.name} stays above {CEILING} bytes.")
