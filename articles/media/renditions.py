"""Files of pictures: read from the header, refused before decoding where they are bombs, made into renditions."""

import hashlib
import io
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from PIL import UnidentifiedImageError

from articles.media.html import CENTRE, Picture
from articles.media.metadata import proposals
from articles.models import Image, Rendition, ReplacedFile, SocialCrop
from articles.models.media import WIDTHS, wanted_widths
from articles.models.social_crops import WIDTH as SOCIAL_WIDTH
from articles.models.social_crops import crop_box
from truthlytics.web.lazy_import import Later

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageCms, ImageOps
else:
    Pillow, ImageCms, ImageOps = Later("PIL.Image"), Later("PIL.ImageCms"), Later("PIL.ImageOps")

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 40_000_000
# No WebP is higher.
MAX_HEIGHT = 16_383
EMPTY = "This file is empty."
DAMAGED = "This picture is damaged or was cut off. Save it again and try once more."
# AVIF of 50 looks as WebP of 80 does at two fifths of its bytes; one step slower costs four times the work for a tenth
# of them, and one thread leaves the machine's other core to readers (docs/speed.md has the figures).
ENCODING: dict[str, dict[str, int | bool]] = {
    "jpeg": {"quality": 82, "progressive": True},
    "webp": {"quality": 80, "method": 4},
    "avif": {"quality": 50, "speed": 6, "max_threads": 1},
}


@dataclass(frozen=True, slots=True)
class Facts:
    """`says` are the words in the file itself (see embedded.py)."""

    format: str
    width: int
    height: int
    sha256: str
    says: dict[str, str]


def facts(file: IO[bytes]) -> Facts:
    """What a file is. Too large a one is refused by its header, before anything is decoded; a damaged one after that.

    Raises ValidationError with the reason why it is refused.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError("This file is larger than 30 MB. Save it smaller and try again.", code="too_large")
    if not size:
        raise ValidationError(EMPTY, code="empty")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # Our own limit stands below; Pillow's warning about it would only be noise.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(file, formats=FORMATS) as picture:
                width, height, kind = picture.width, picture.height, picture.format or ""
                # A camera’s JPEG with a small copy of itself, or a map of its lights, behind it: one picture.
                kind = "JPEG" if kind == "MPO" else kind
                # First of all: looking for EXIF in a PNG decodes it.
                _refuse_bombs(width * height, getattr(picture, "n_frames", 1) if kind != "JPEG" else 1)
                # A JPEG is read at an eighth of its size, and what was cut off on its way is noticed all the same.
                picture.draft("RGB", (WIDTHS[0], WIDTHS[0]))
                picture.load()
                says = proposals(picture)
                turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    except Pillow.DecompressionBombError as error:
        raise ValidationError("This picture has more than 40 megapixels.", code="too_many_pixels") from error
    except UnidentifiedImageError as error:
        raise ValidationError(_no_picture(file), code="unknown_format") from error
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, OverflowError, struct.error) as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    file.seek(0)
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    if turned:
        width, height = height, width
    if height * min(width, WIDTHS[-1]) > MAX_HEIGHT * width:
        raise ValidationError("This picture is higher than 16,000 pixels. Cut it into several.", code="too_high")
    return Facts(kind.lower(), width, height, digest, says)


def _no_picture(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(2048).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<svg" in start:
        return "SVG drawings may carry programs and are not taken. Save it as PNG."
    if start.startswith(b"%pdf-"):
        return "This is a PDF. It belongs to the documents."
    return "This is no JPEG, PNG or WebP picture."


def _refuse_bombs(pixels: int, frames: int) -> None:
    if pixels > MAX_PIXELS:
        raise ValidationError("This picture has more than 40 megapixels.", code="too_many_pixels")
    if frames > 1:
        raise ValidationError("This picture moves. Save one frame of it.", code="animated")


def make_missing(image: Image) -> None:
    """Write the renditions that `image`, and what stood in its place before, lack; and of each what stands beside a
    shared link. Safe to run twice, at once or again.

    Raises OSError or ValueError for an original that is lost or damaged.
    """
    have = set(image.renditions.values_list("original", "format", "width"))
    cut = set(image.social_crops.values_list("original", "focal_x", "focal_y"))
    sources: list[Image | ReplacedFile] = [image, *image.earlier.all()]
    for source in sources:
        wanted = [(kind, width) for kind in Rendition.Format.values for width in wanted_widths(source.width)]
        missing = [one for one in wanted if (source.sha256, *one) not in have]
        focal = image.focal if source is image else CENTRE
        uncut = (source.sha256, *focal) not in cut
        if not missing and not uncut:
            continue
        with source.file.open("rb") as original, Pillow.open(original, formats=FORMATS) as opened:
            flat = _as_shown(ImageOps.exif_transpose(opened))
        for kind, width in missing:
            _make(image, source, flat, kind, width)
        if uncut:
            _cut(image, source, flat, focal)


def _as_shown(picture: "Pillow.Image") -> "Pillow.Image":
    """What is seen of `picture`: on white where it is transparent, in the colours of every screen."""
    if picture.mode.startswith("I"):  # sixteen bits of grey, which Pillow would cut off at eight
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data or picture.mode == "P":
        picture = picture.convert("RGBA")
    picture = _in_srgb(picture)
    if picture.mode == "RGBA":
        ground = Pillow.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        picture = ground
    return picture.convert("RGB")


def _in_srgb(picture: "Pillow.Image") -> "Pillow.Image":
    """Telephones and agencies write in wider colours than a file without a profile is shown in."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    given, wanted = io.BytesIO(profile), ImageCms.createProfile("sRGB")
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        return ImageCms.profileToProfile(picture, given, wanted, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile of nothing, or of another kind of picture
        return picture


def _make(image: Image, source: Image | ReplacedFile, picture: "Pillow.Image", kind: str, width: int) -> None:
    height = max(1, round(source.height * width / source.width))
    scaled = picture.resize((width, height), Pillow.Resampling.LANCZOS) if width != picture.width else picture.copy()
    rendition = Rendition(image=image, original=source.sha256, format=kind, width=width, height=height)
    rendition.file.name = _kept(scaled, kind, rendition.extension)
    rendition.sha256 = rendition.file.name.partition(".")[0]
    _noted(rendition)


def _cut(image: Image, source: Image | ReplacedFile, picture: "Pillow.Image", focal: tuple[int, int]) -> None:
    box = crop_box(picture.width, picture.height, focal)
    width = min(SOCIAL_WIDTH, box[2] - box[0])
    height = max(1, round((box[3] - box[1]) * width / (box[2] - box[0])))
    crop = SocialCrop(image=image, original=source.sha256, focal_x=focal[0], focal_y=focal[1])
    crop.width, crop.height = width, height
    crop.file.name = _kept(picture.resize((width, height), Pillow.Resampling.LANCZOS, box=box), "jpeg", "jpg")
    _noted(crop)


def _kept(picture: "Pillow.Image", kind: str, extension: str) -> str:
    """The name of the file that holds `picture`, which is told by what is in it: the same bytes need no second one."""
    buffer = io.BytesIO()
    # EXIF, and so the place where it was taken, stays behind.
    picture.info = {}
    picture.save(buffer, kind.upper(), **ENCODING[kind])
    data = buffer.getvalue()
    name, store = f"{hashlib.sha256(data).hexdigest()}.{extension}", storages["default"]
    return name if store.exists(name) else store.save(name, ContentFile(data, name=name))


def _noted(made: Rendition | SocialCrop) -> None:
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # a second worker was faster
        pass


def picture_of(image: Image, sha256: str = "") -> Picture:
    """The renditions of `image` as a page needs them; few or none where they are not made yet.

    `sha256` names the file that a version showed, where that was replaced since. A format that lacks widths which the
    JPEG has is left out: a browser that knows it would show a small one large.
    """
    source = image.original(sha256)
    sources: dict[str, list[tuple[str, int]]] = {}
    for rendition in image.renditions.all():
        if rendition.original == source.sha256:
            sources.setdefault(rendition.format, []).append((rendition.file.url, rendition.width))
    whole = len(sources.get("jpeg", ()))
    files = {name: tuple(sorted(files, key=lambda f: f[1])) for name, files in sources.items() if len(files) >= whole}
    return Picture(source.width, source.height, files, image.focal if source is image else CENTRE)


def pictures_of(content: Mapping[str, Any]) -> dict[str, Picture]:
    """The pictures that a version's `content` names, each with the file that it named, by their uuid."""
    used = content["pictures"]
    images = Image.objects.filter(uuid__in=used.keys()).prefetch_related("renditions", "earlier")
    return {str(image.uuid): picture_of(image, used[str(image.uuid)].get("sha256", "")) for image in images}
