"""Image files: validation of uploads and creation of renditions."""

import hashlib
import io
import math
import struct
import time
import warnings
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import UnidentifiedImageError

from articles.media.html import CENTRE, ResponsiveImage
from articles.media.metadata import suggested_fields
from articles.models import Image, Rendition, ReplacedFile, SocialCrop
from articles.models.media import WIDTHS, wanted_widths
from articles.models.social_crops import WIDTH as SOCIAL_WIDTH
from articles.models.social_crops import crop_box
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.types import Content

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageCms, ImageOps
else:
    Pillow, ImageCms, ImageOps = LazyModule("PIL.Image"), LazyModule("PIL.ImageCms"), LazyModule("PIL.ImageOps")

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 30 * 1024 * 1024
# Unlike JPEG, other formats cannot be decoded at a smaller size, and take four bytes of memory per pixel.
MAX_PIXELS, MAX_PIXELS_UNSCALED = 40_000_000, 24_000_000
# A longer strip is a few pixels high in a column, and cannot be reduced while it is read.
MAX_EDGE = 20_000
TOO_MANY_PIXELS = gettext_lazy("This image has more than 40 megapixels. Save it at a smaller size.")
TOO_MANY_PIXELS_UNSCALED = gettext_lazy(
    "This PNG or WebP image has more than 24 megapixels. Save it as JPEG, which may have 40, or at a smaller size."
)
# Larger pictures are reduced while they are read, but not below this size.
MIN_WIDTH, MIN_HEIGHT = WIDTHS[-1] * 3 // 2, 1350
# Rows that are converted at a time, to limit memory.
STRIP = 256
# The first brands of HEIC and HEIF files, which browsers cannot show. Decoding them takes libheif, in which holes that
# let an image run code were found again and again, too large a risk for what one setting of the phone avoids.
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# The maximum height of a WebP file.
MAX_HEIGHT = 16_383
EMPTY = gettext_lazy("This file is empty.")
DAMAGED = gettext_lazy("This image is damaged or incomplete. Save it again and upload the new file.")
# AVIF at quality 50 looks like WebP at 80 with two fifths of the bytes. A slower speed costs four times the CPU for a
# tenth of the bytes. One thread leaves the other cores to readers (see docs/speed.md).
ENCODING: dict[str, dict[str, int | bool]] = {
    "jpeg": {"quality": 82, "progressive": True},
    "webp": {"quality": 80, "method": 4},
    "avif": {"quality": 50, "speed": 6, "max_threads": 1},
}
# One at a time in each process: a large AVIF takes 150 MB of memory while it is made.
_ENCODING_LOCK = Lock()


# The JPEGs that suffice to show an image on a phone and in a column. They are made in a twentieth of the time of all.
FIRST_WIDTHS = (480, 960)


@dataclass(frozen=True, slots=True)
class ImageFileInfo:
    """`suggestions` are field values from the embedded metadata (see metadata.py), and `ai_use` one of ImageAIUse."""

    format: str
    width: int
    height: int
    sha256: str
    suggestions: dict[str, str]
    ai_use: str


def inspect_image(file: IO[bytes]) -> ImageFileInfo:
    """Return the format, dimensions, digest and embedded metadata of an image.

    Raises ValidationError if it is not accepted. Images with too many pixels are rejected before they are decoded.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError(_("This file is larger than 30 MB. Upload a smaller file."), code="too_large")
    if not size:
        raise ValidationError(EMPTY, code="empty")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # MAX_PIXELS is stricter than Pillow's own limit.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(file, formats=FORMATS) as image:
                width, height, image_format = image.width, image.height, image.format or ""
                # Camera JPEGs may contain a thumbnail or a gain map as a second image.
                image_format = "JPEG" if image_format == "MPO" else image_format
                # Must come first: reading EXIF from a PNG decodes it.
                _reject_bombs(
                    width, height, getattr(image, "n_frames", 1) if image_format != "JPEG" else 1, image_format
                )
                # Decodes a JPEG at an eighth of its size, which is enough to notice that it is incomplete.
                image.draft("RGB", (WIDTHS[0], WIDTHS[0]))
                image.load()
                suggestions = suggested_fields(image)
                rotated = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    except Pillow.DecompressionBombError as error:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels") from error
    except UnidentifiedImageError as error:
        raise ValidationError(_unknown_format_message(file), code="unknown_format") from error
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, OverflowError, struct.error) as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    file.seek(0)
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    if rotated:
        width, height = height, width
    if height * min(width, WIDTHS[-1]) > MAX_HEIGHT * width:
        raise ValidationError(_("This image is more than 16,000 pixels high. Split it into several."), code="too_high")
    ai_use = suggestions.pop("ai_use", "")
    return ImageFileInfo(image_format.lower(), width, height, digest, suggestions, ai_use)


def _unknown_format_message(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(2048).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<svg" in start:
        return _("SVG images are not accepted because they can contain scripts. Save it as PNG.")
    if start.startswith(b"%pdf-"):
        return _("This is a PDF. Upload it as a document.")
    if start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS:
        return _(
            "HEIC images are not accepted. Export it as JPEG. iPhones take JPEG photos if you choose Settings, Camera, "
            "Formats, “Most Compatible”."
        )
    return _("Not a JPEG, PNG or WebP image.")


def _reject_bombs(width: int, height: int, frames: int, image_format: str) -> None:
    pixels = width * height
    if pixels > MAX_PIXELS:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels")
    if pixels > MAX_PIXELS_UNSCALED and image_format != "JPEG":
        raise ValidationError(TOO_MANY_PIXELS_UNSCALED, code="too_many_pixels")
    if max(width, height) > MAX_EDGE:
        message = _("This image is more than 20,000 pixels wide or high. Crop it, or save it at a smaller size.")
        raise ValidationError(message, code="too_long")
    if frames > 1:
        raise ValidationError(_("Animated images are not accepted. Save one frame of it."), code="animated")


def create_first_renditions(image: Image) -> bool:
    """Create the JPEGs that `image` is shown with until all renditions exist. Always returns True: none is left.

    Safe to repeat and to run concurrently. Raises OSError or ValueError if the original is missing or damaged.
    """
    wanted = wanted_widths(image.width)
    first = [width for width in wanted if width in FIRST_WIDTHS] or wanted[:1]
    jpegs = image.renditions.filter(original=image.sha256, format=Rendition.Format.JPEG)
    missing = set(first) - set(jpegs.values_list("width", flat=True))
    if not missing:
        return True
    flat = read_original(image)
    for width in sorted(missing):
        _create_rendition(image, image, _scaled(flat, image, width), Rendition.Format.JPEG)
    return True


def create_missing_renditions(image: Image, *, deadline: float = math.inf) -> bool:
    """Create the renditions and social crops that `image` and its replaced files lack. Return whether none is missing.

    Creates at least one, and begins no other after `deadline`, a time of `time.monotonic`. Safe to repeat and to run
    concurrently. Raises OSError or ValueError if an original is missing or damaged.
    """
    existing = set(image.renditions.values_list("original", "format", "width"))
    existing_crops = set(image.social_crops.values_list("original", "focal_x", "focal_y"))
    sources: list[Image | ReplacedFile] = [image, *image.replaced_files.all()]
    for source in sources:
        wanted = [(name, width) for name in Rendition.Format.values for width in wanted_widths(source.width)]
        missing = [(name, width) for name, width in wanted if (source.sha256, name, width) not in existing]
        focal = image.focal if source is image else CENTRE
        needs_crop = (source.sha256, *focal) not in existing_crops
        if not missing and not needs_crop:
            continue
        flat = read_original(source)
        if needs_crop:
            _create_social_crop(image, source, flat, focal)
        for width in dict.fromkeys(width for _name, width in missing):
            # Once for all formats: scaling a large picture costs more than encoding the result.
            scaled = _scaled(flat, source, width)
            for name in [name for name, wanted_width in missing if wanted_width == width]:
                _create_rendition(image, source, scaled, name)
                if time.monotonic() >= deadline:
                    return False
    return True


def read_original(source: Image | ReplacedFile) -> "Pillow.Image":
    with source.file.open("rb") as original, Pillow.open(original, formats=FORMATS) as opened:
        flat = read_flat(opened)
        # Frees the pixels now. Leaving the block only closes the file, and Pillow's objects refer to each other.
        opened.close()
    return flat


def read_flat(opened: "Pillow.Image") -> "Pillow.Image":
    """Return the upright picture as 8-bit sRGB, large ones reduced: in strips, so that it is in memory only once."""
    opened.draft("RGB", (MIN_WIDTH, MIN_WIDTH))
    ImageOps.exif_transpose(opened, in_place=True)
    width, height = opened.size
    factor = max(1, min(width // MIN_WIDTH, height // MIN_HEIGHT))
    picture = Pillow.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP * factor):
        strip = _flatten(opened.crop((0, top, width, min(top + STRIP * factor, height))))
        picture.paste(strip.reduce(factor), (0, top // factor))
    return picture


def _flatten(picture: "Pillow.Image") -> "Pillow.Image":
    """Convert to 8-bit sRGB, with transparent areas on white."""
    if picture.mode.startswith("I"):  # 16-bit greyscale, which Pillow would clip instead of scaling
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    elif picture.mode == "P":
        picture = picture.convert("RGB")
    picture = _convert_to_srgb(picture)
    if picture.mode == "RGBA":
        background = Pillow.new("RGBA", picture.size, "white")
        background.alpha_composite(picture)
        picture = background
    return picture.convert("RGB")


def _convert_to_srgb(picture: "Pillow.Image") -> "Pillow.Image":
    """Convert from the embedded colour profile, since renditions are saved without one."""
    embedded = picture.info.get("icc_profile")
    if not embedded:
        return picture
    source, target = io.BytesIO(embedded), ImageCms.createProfile("sRGB")
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        return ImageCms.profileToProfile(picture, source, target, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):  # an invalid profile, or one for another colour mode
        return picture


def _scaled(picture: "Pillow.Image", source: Image | ReplacedFile, width: int) -> "Pillow.Image":
    """Return `picture` at this width, at most that of `source`. Large ones are averaged first, which is fast."""
    height = max(1, round(source.height * width / source.width))
    if width == picture.width:
        return picture.copy()
    return picture.resize((width, height), Pillow.Resampling.LANCZOS, reducing_gap=2.0)


def _create_rendition(image: Image, source: Image | ReplacedFile, scaled: "Pillow.Image", image_format: str) -> None:
    rendition = Rendition(image=image, original=source.sha256, format=image_format)
    rendition.width, rendition.height = scaled.size
    rendition.file.name = _store(scaled, image_format, rendition.extension)
    rendition.sha256 = rendition.file.name.partition(".")[0]
    _save(rendition)


def _create_social_crop(
    image: Image, source: Image | ReplacedFile, picture: "Pillow.Image", focal: tuple[int, int]
) -> None:
    box = crop_box(picture.width, picture.height, focal)
    width = min(SOCIAL_WIDTH, box[2] - box[0])
    height = max(1, round((box[3] - box[1]) * width / (box[2] - box[0])))
    crop = SocialCrop(image=image, original=source.sha256, focal_x=focal[0], focal_y=focal[1])
    crop.width, crop.height = width, height
    crop.file.name = _store(picture.resize((width, height), Pillow.Resampling.LANCZOS, box=box), "jpeg", "jpg")
    _save(crop)


def _store(picture: "Pillow.Image", image_format: str, extension: str) -> str:
    """Encode and store `picture`. Return its file name, which is the digest of the encoded bytes."""
    buffer = io.BytesIO()
    # Removes EXIF, and with it the location.
    picture.info = {}
    with _ENCODING_LOCK:
        picture.save(buffer, image_format.upper(), **ENCODING[image_format])
    data = buffer.getvalue()
    name, storage = f"{hashlib.sha256(data).hexdigest()}.{extension}", storages["default"]
    return name if storage.exists(name) else storage.save(name, ContentFile(data, name=name))


def _save(instance: Rendition | SocialCrop) -> None:
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError:  # another worker created it first
        pass


def responsive_image(image: Image, sha256: str = "", *, among: Container[str] | None = None) -> ResponsiveImage:
    """Return the renditions of `image`, as far as they exist, or those with the file names `among`.

    `sha256` identifies the file that a version was published with, if the image was replaced since. Formats with
    fewer widths than JPEG are omitted: browsers would upscale a small file.
    """
    source = image.original(sha256)
    sources: dict[str, list[tuple[str, int]]] = {}
    for rendition in image.renditions.all():
        if rendition.original == source.sha256 and (among is None or rendition.file.name in among):
            sources.setdefault(rendition.format, []).append((rendition.file.url, rendition.width))
    expected = len(sources.get("jpeg", ()))
    complete = {
        name: tuple(sorted(files, key=lambda file: file[1]))
        for name, files in sources.items()
        if len(files) >= expected
    }
    focal = image.focal if source is image else CENTRE
    return ResponsiveImage(source.width, source.height, complete, focal, image.ai_use)


def responsive_images(content: Mapping[str, object]) -> dict[str, ResponsiveImage]:
    """Return the images that a version's `content` refers to by UUID, each with the file it was published with."""
    return responsive_images_of([content])[0]


def responsive_images_of(
    contents: Sequence[Content], among: Container[str] | None = None
) -> list[dict[str, ResponsiveImage]]:
    """Return `responsive_images` of each of `contents`. Three queries in all; none without images."""
    uuids = {uuid for content in contents for uuid in content["pictures"]}
    rows = Image.objects.filter(uuid__in=uuids).prefetch_related("renditions", "replaced_files") if uuids else ()
    images = {str(image.uuid): image for image in rows}
    return [
        {
            uuid: responsive_image(images[uuid], details.get("sha256", ""), among=among)
            for uuid, details in content["pictures"].items()
            if uuid in images
        }
        for content in contents
    ]
