"""Names that other publishing systems give to the sizes of an image."""

import re

# Appended by WordPress: sizes, rotations and reduced originals. Not “-e1234567890”, which an editor has cropped.
_WORDPRESS = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-rotated)+(?=\.[A-Za-z0-9]{2,5}$)")
_REDUCED = re.compile(r"-(?:scaled|rotated)(?=\.[A-Za-z0-9]{2,5}$)")
# Ghost: /content/images/size/w600/2020/01/bridge.jpg, also with a format.
_GHOST = re.compile(r"(/content/images)/size/(?:w\d{1,5}|h\d{1,5})+(?:/format/[a-z0-9]{1,5})?(?=/)")


def without_size(path: str) -> str:
    """Return the path of an image's original. The names of its sizes are derived from it."""
    return _GHOST.sub(r"\1", _WORDPRESS.sub("", path))


def without_reduction(path: str) -> str:
    """Return the path of the file as it was uploaded, of one that WordPress has reduced or rotated."""
    return _REDUCED.sub("", path)
