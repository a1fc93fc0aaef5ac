"""Put one file of an export into the library of its kind."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, cast

from django.core.files import File

from articles.media.audio import inspect_audio
from articles.media.old_names import without_reduction, without_size
from articles.media.renditions import MAX_BYTES
from articles.models import Document, Image, Recording, Redirect
from articles.services.documents import add_document
from articles.services.media import add_image, store_recording
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.media.stills import still
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.contrib.importers.records import MediaRecord

KIND = "image"
_CHUNK = 1024 * 1024

# Source and id of a file.
Key = tuple[str, str]
Stored = Image | Document | Recording


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a text shows. `alt` is that of the place; `urls` are further addresses, as those of its sizes."""

    media: MediaRecord
    alt: str = ""
    urls: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return self.media.source, self.media.source_id

    @property
    def is_listed(self) -> bool:
        """Whether the export lists it; otherwise its id is made of its address (see `names.key_of_url`)."""
        return not self.media.source_id.startswith("//")


class Unusable(Exception):
    """A file cannot be used. The message is a phrase or sentence."""


def _add_recording(file: IO[bytes], title: str) -> tuple[Recording, bool]:
    known = inspect_audio(file)
    if existing := Recording.objects.filter(sha256=known.sha256).first():
        return existing, False
    recording = Recording(title=title)
    store_recording(recording, File(file, name=title))
    return recording, True


def placeholder(item: Wanted) -> Stored:
    """Return what represents a file in a dry run."""
    url = item.media.path or item.media.url
    return Recording() if names.is_sound(url) else Document() if names.is_document(url) else Image()


def name_of(media: MediaRecord) -> str:
    return PurePosixPath(media.path or names.path_in(media.url)).name[:200]


def copied(file: IO[bytes]) -> IO[bytes]:
    """Return a copy of `file`, which may be compressed, up to the size that is accepted."""
    copy = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=_CHUNK))  # noqa: SIM115 (the caller closes it)
    while copy.tell() <= MAX_BYTES and (chunk := file.read(_CHUNK)):
        copy.write(chunk)
    copy.seek(0)
    return copy


def phrase(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def add(item: Wanted, file: IO[bytes], name: str, url: str) -> tuple[Stored, bool]:
    """Add `file` to the library of its kind. Return it, and False if it was there. Raises ValidationError."""
    media = item.media
    title = media.title[:200]
    if names.is_sound(name):
        return _add_recording(file, title or name[:200])
    if names.is_document(name):
        document = Document(title=title or name[:200], credit=media.credit[:200])
        return add_document(document=document, file=File(file, name=name))
    limit = Image._meta.get_field("terms").max_length or 0
    image = Image(
        title=title,
        alt=(media.alt or item.alt)[:500],
        caption=media.caption[:500],
        credit=media.credit[:200],
        terms=url if len(url) <= limit else "",
    )
    with still(file) as accepted:
        return add_image(image=image, file=File(accepted, name=name), suggested=("alt", "credit"))


def redirect(image: Image, urls: Iterable[str], name: str) -> None:
    """Redirect the old addresses `urls` of `image` on the site itself. Those of sizes are derived from them."""
    paths = {Redirect.normalise(names.path_in(url)) for url in urls}
    paths |= {without_reduction(path) for path in paths}
    # The original of a size that a text shows, if it was the one that was found.
    paths |= {original for path in paths if (original := without_size(path)).endswith(f"/{name}")}
    paths = {path for path in paths if path != "/" and len(path) <= 500 and "\0" not in path}
    taken = Redirect.objects.filter(path__in=paths, query="").values_list("path", flat=True)
    Redirect.objects.bulk_create(Redirect(path=path, image=image) for path in sorted(paths - set(taken)))


def complete(image: Image, item: Wanted, credit: str) -> None:
    """Set the empty texts of an image of an import to those of another place that shows it, or to `credit`."""
    media = item.media
    texts = {
        "alt": (media.alt or item.alt)[:500],
        "caption": media.caption[:500],
        "credit": (media.credit or credit)[:200],
    }
    empty = {name: text for name, text in texts.items() if text and not getattr(image, name)}
    if empty and ImportedObject.objects.filter(kind=KIND, image=image).exists():
        for name, text in empty.items():
            setattr(image, name, text)
        image.save(update_fields=list(empty))
