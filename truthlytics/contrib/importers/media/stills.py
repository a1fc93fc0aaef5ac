"""Pictures in formats that the image library does not accept, but that can be converted without loss."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from articles.media.renditions import MAX_EDGE, MAX_PIXELS_UNSCALED
from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    from PIL import Image as Pillow
else:
    Pillow = LazyModule("PIL.Image")

CONVERTED = ("GIF", "BMP")


@contextmanager
def still(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield `file`, or for a GIF or BMP with a single frame the same picture as PNG. Others are left as they are."""
    converted = _as_png(file)
    file.seek(0)
    if converted is None:
        yield file
    else:
        with converted:
            yield converted


def _as_png(file: IO[bytes]) -> IO[bytes] | None:
    file.seek(0)
    if file.read(3) != b"GIF" and not _starts_with(file, b"BM"):
        return None
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(file, formats=CONVERTED) as picture:
                is_large = picture.width * picture.height > MAX_PIXELS_UNSCALED or max(picture.size) > MAX_EDGE
                # An animation is refused as such by the library.
                if is_large or getattr(picture, "n_frames", 1) > 1:
                    return None
                buffer = io.BytesIO()
                picture.save(buffer, "PNG")
    except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError):
        return None
    buffer.seek(0)
    return cast(IO[bytes], buffer)


def _starts_with(file: IO[bytes], start: bytes) -> bool:
    file.seek(0)
    return file.read(len(start)) == start
