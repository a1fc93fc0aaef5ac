"""Raster images: checking uploads, and drawing icons and link previews in the site's type.

The functions that draw return PNG files. A publication without an icon gets the first letter of its name.
"""

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont, ImageOps

from truthlytics.publication.colours import schemes
from truthlytics.publication.files import PublicationFile

FONTS = Path(__file__).parent.parent / "static" / "fonts"
LARGEST_UPLOAD = 5 * 1024 * 1024
MOST_PIXELS = 30_000_000
LOGO_SIZE = (1200, 480)
SMALLEST_ICON, LARGEST_ICON = 180, 512
# A wider logo is unreadable as an icon.
WIDEST_ICON = 1.5
CARD_SIZE = (1200, 630)
SMALLEST_CARD = (600, 315)
# The largest code points in the two files of a font.
LATIN, LATIN_EXTENDED = 0xFF, 0x24F


def clean_logo(data: bytes) -> tuple[bytes, int, int]:
    """Return a PNG logo without metadata, no larger than needed, its width and its height."""
    image = _open(data, {"PNG"}, _("Upload the logo as an SVG or PNG file.")).convert("RGBA")
    image.thumbnail(LOGO_SIZE)
    return _png(image), image.width, image.height


def clean_icon(data: bytes) -> tuple[bytes, int, int]:
    image = _open(data, {"PNG"}, _("Upload the icon as a PNG file.")).convert("RGBA")
    if image.width != image.height or image.width < SMALLEST_ICON:
        raise ValidationError(
            _("The icon must be a square of at least %(size)d × %(size)d px; this image is %(width)d × %(height)d px.")
            % {"size": SMALLEST_ICON, "width": image.width, "height": image.height}
        )
    image.thumbnail((LARGEST_ICON, LARGEST_ICON))
    return _png(image), image.width, image.height


def clean_card(data: bytes) -> tuple[bytes, int, int]:
    """Return the image for link previews, cropped to the size that other sites show, as JPEG."""
    image = _open(data, {"PNG", "JPEG"}, _("Upload the image as a PNG or JPEG file."))
    width, height = SMALLEST_CARD
    if image.width < width or image.height < height:
        message = _(
            "The image must be at least %(width)d × %(height)d px; this one is %(own_width)d × %(own_height)d px."
        )
        sizes = {"width": width, "height": height, "own_width": image.width, "own_height": image.height}
        raise ValidationError(message % sizes)
    image = image.convert("RGBA")
    page = Image.new("RGBA", image.size, schemes()[0]["page"])
    page.alpha_composite(image)
    output = BytesIO()
    ImageOps.fit(page.convert("RGB"), CARD_SIZE).save(output, "JPEG", quality=88, optimize=True, progressive=True)
    return output.getvalue(), *CARD_SIZE


def _open(data: bytes, formats: set[str], wrong_format: str) -> Image.Image:
    if len(data) > LARGEST_UPLOAD:
        raise ValidationError(_("The file is larger than 5 MB."))
    try:
        image = Image.open(BytesIO(data), formats=sorted(formats))
        if image.width * image.height > MOST_PIXELS:
            raise ValidationError(_("The image is too large. Make it smaller and upload it again."))
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(wrong_format) from error
    return ImageOps.exif_transpose(image)


def draw_icon(size: int, *, name: str, accent: str, files: list[PublicationFile]) -> bytes:
    """Draw the icon from the first of `files` that has the shape of one, else the initial of `name`."""
    for file in files:
        if file and str(file.name).endswith(".png") and file.width <= file.height * WIDEST_ICON:
            image = Image.open(BytesIO(file.read_all())).convert("RGBA")
            return _png(ImageOps.pad(image, (size, size), color=(0, 0, 0, 0)))
    paper = schemes()[0]["page"]
    # Drawn large and scaled down: Pillow does not smooth rectangles.
    scale = 1024
    icon = Image.new("RGB", (scale, scale), accent)
    drawing = ImageDraw.Draw(icon)
    letter = initial_of(name)
    if letter and (face := _face(letter, 760)):
        left, top, right, bottom = drawing.textbbox((0, 0), letter, face)
        fitting = _face(letter, round(760 * min(1, 560 / (bottom - top), 760 / (right - left)))) or face
        left, top, right, bottom = drawing.textbbox((0, 0), letter, fitting)
        drawing.text(((scale - left - right) / 2, 400 - (top + bottom) / 2), letter, paper, fitting)
    # The double line below the site's wordmark.
    for y in (770, 880):
        drawing.rectangle((190, y, scale - 190, y + 50), paper)
    return _png(icon.resize((size, size), Image.Resampling.LANCZOS))


def initial_of(name: str) -> str:
    """Return the first letter or digit of `name`, after an English article; "" if it has none."""
    without_article = re.sub(r"^(the|an?)\s+(?=\w)", "", name.strip(), flags=re.IGNORECASE)
    return next((character for character in without_article.upper() if character.isalnum()), "")


def draw_card(*, name: str, tagline: str, accent: str) -> bytes:
    """Draw the image for link previews: the name in the site's type over a double line, and the tagline."""
    light = schemes()[0]
    width, height = CARD_SIZE
    card = Image.new("RGB", CARD_SIZE, light["page"])
    drawing = ImageDraw.Draw(card)
    drawing.rectangle((0, 0, width, 18), accent)
    room = width - 160
    if face := _fitting_face(name, 132, room):
        drawing.text((width / 2, 300), name, light["text"], face, anchor="ms")
    for y in (348, 362):
        drawing.rectangle((80, y, width - 80, y + 5), light["text"])
    if tagline and (face := _fitting_face(tagline, 46, room)):
        drawing.text((width / 2, 450), tagline, light["text-soft"], face, anchor="ms")
    drawing.rectangle((0, height - 18, width, height), accent)
    return _png(card)


def _fitting_face(text: str, size: int, room: int) -> ImageFont.FreeTypeFont | None:
    face = _face(text, size)
    return _face(text, max(16, int(size * min(1, room / face.getlength(text))))) if face else None


@cache
def _face(text: str, size: int) -> ImageFont.FreeTypeFont | None:
    """Return the display face that has all characters of `text`, or None: a name in other scripts is left out."""
    codes = [ord(character) for character in text if not character.isspace() and not 0x2010 <= ord(character) <= 0x201F]
    if max(codes, default=0) <= LATIN:
        return ImageFont.truetype(FONTS / "ledger-serif-display-latin.woff2", size)
    if min(codes) > LATIN and max(codes) <= LATIN_EXTENDED:
        return ImageFont.truetype(FONTS / "ledger-serif-display-latin-ext.woff2", size)
    return None


def _png(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()
