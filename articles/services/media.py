"""The image and audio library. Each file is stored once, and renditions are made outside the request."""

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.media import audio
from articles.media.fetch import FetchError, fetch, file_name_in, path_of
from articles.media.renditions import (
    DAMAGED,
    MAX_BYTES,
    create_first_renditions,
    create_missing_renditions,
    inspect_image,
)
from articles.models import Image, Page, Recording, Rendition, ReplacedFile, SocialCrop
from articles.services.denormalise import rerender_showing, rerender_showing_later
from truthlytics.web.memory import release_memory
from truthlytics.web.public_http import Connect, Resolve, resolve_host
from truthlytics.web.queues import SLOW
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import User

log = logging.getLogger(__name__)
# `tick` makes the renditions of images that are older than this, and of at most this many per run.
TASK_TIMEOUT = timedelta(minutes=10)
TICK_BATCH = 200
# How long a task, and all of `tick`, may make images. The rendition in hand is finished. An image that was uploaded
# just now waits for one task at most.
TASK_SECONDS, TICK_SECONDS = 5, 60
# Higher than the other tasks of the queue, so that a new image is soon shown even if older ones are unfinished.
FIRST = 50
LOST = "The original file cannot be found."
# The code of the ValidationError for an image that could not be fetched, and the name of a rendition in its URL.
UNREACHABLE = "unreachable"
_RENDITION = re.compile(r"/([0-9a-f]{64})\.(?:jpg|webp|avif)")


def add_to_library(
    *, file: IO[bytes], alt: str = "", credit: str = "", caption: str = "", title: str = "", by: User | None = None
) -> Image:
    """Store `file` as an original and have its renditions made. The same file returns the existing image.

    Without alt text and credit it cannot be published. Raises ValidationError for a file that is not an accepted image.
    """
    image = Image(alt=alt, credit=credit, caption=caption, title=title, uploaded_by=by)
    return add_image(image=image, file=file)[0]


def add_image(*, image: Image, file: IO[bytes], suggested: Sequence[str] = ()) -> tuple[Image, bool]:
    """Save `image` with `file`, and return it and True. If the file is in the library, return its image and False.

    Fields named in `suggested` that are empty are set to what the metadata of the file say.
    """
    known = inspect_image(file)
    if existing := Image.objects.filter(sha256=known.sha256).first():
        return existing, False
    for name in suggested:
        setattr(image, name, getattr(image, name) or known.suggestions.get(name, ""))
    try:
        with transaction.atomic():
            store_original(image, file)
    except IntegrityError:  # a concurrent upload of the same file
        return Image.objects.get(sha256=known.sha256), False
    return image, True


def add_image_from_url(
    *,
    url: str,
    alt: str = "",
    by: User | None = None,
    resolve: Resolve = resolve_host,
    connect: Connect = socket.create_connection,
) -> tuple[Image, bool]:
    """Fetch the image at `url` and add it as `add_image` does. The URL of a rendition returns its image.

    Raises ValidationError if it cannot be fetched, with the code UNREACHABLE, or is not an accepted image.
    """
    if (match := _RENDITION.search(path_of(url))) and (
        known := Image.objects.filter(renditions__sha256=match[1]).first()
    ):
        return known, False
    agent = f"image-import (+{settings.SITE_URL}/)"
    try:
        data = fetch(url, user_agent=agent, max_bytes=MAX_BYTES, resolve=resolve, connect=connect)
    except FetchError as error:
        raise ValidationError(_("This image could not be fetched."), code=UNREACHABLE) from error
    # The address is the source of the image, unless it is too long for the field, as signed addresses are.
    terms = url if len(url) <= (Image._meta.get_field("terms").max_length or 0) else ""
    file = ContentFile(data, name=file_name_in(url))
    return add_image(image=Image(alt=alt, terms=terms, uploaded_by=by), file=file)


def store_original(image: Image, file: IO[bytes]) -> None:
    """Save `image` with `file` as its original, and have renditions made after commit."""
    known = inspect_image(file)
    image.format, image.width, image.height, image.sha256 = known.format, known.width, known.height, known.sha256
    image.proposed, image.file_name = known.suggestions, file_name_of(file)
    image.mark_ai_use(image.ai_use or known.ai_use)
    # A ContentFile, so that the uploader's file name is never used on disk.
    with stored(image.file, file):
        image.save()
    transaction.on_commit(partial(make_first_renditions.enqueue, image.pk))


@contextmanager
def stored(field: FieldFile, file: IO[bytes]) -> Iterator[None]:
    """Store `file` in `field`, and remove it if that or the block fails, for example because the disk is full.

    Under a name of our own, so that the uploader's is never used on disk.
    """
    name = field.field.generate_filename(field.instance, "original")
    # A file with the same content may have this name already; then the storage chooses another one.
    own = "" if field.storage.exists(name) else name
    try:
        field.save("original", ContentFile(file.read(), name="original"), save=False)
        own = str(field.name)
        yield
    except BaseException:
        if own:
            field.storage.delete(own)
        raise


def file_name_of(file: IO[bytes]) -> str:
    """Return the uploader's name of `file`, for search."""
    return strip_control_characters(str(getattr(file, "name", "") or "").replace("\\", "/").rsplit("/", 1)[-1])[:200]


@transaction.atomic
def replace_file(*, image: Image, file: IO[bytes], by: User | None = None) -> None:
    """Replace the original of `image`. Published versions keep showing the previous file.

    Raises ValidationError for a file that is not an accepted image, or is in the library already.
    """
    known = inspect_image(file)
    locked = Image.objects.select_for_update().get(pk=image.pk)
    existing = Image.objects.filter(sha256=known.sha256).first()
    if existing is not None:
        same = existing.pk == image.pk
        message = (
            _("This is the current file.")
            if same
            else _("This file is already in the library as “%(existing)s”.") % {"existing": existing}
        )
        raise ValidationError(message, code="known")
    before = {name: getattr(locked, name) for name in ("file", "format", "sha256", "width", "height")}
    ReplacedFile.objects.update_or_create(
        image=locked,
        sha256=before["sha256"],
        defaults=before | {"file": locked.file.name, "replaced_at": timezone.now(), "replaced_by": by},
    )
    locked.format, locked.width, locked.height, locked.sha256 = known.format, known.width, known.height, known.sha256
    locked.file_name, locked.rendition_error = file_name_of(file), ""
    locked.mark_ai_use(locked.ai_use or known.ai_use)
    # The old focal point means nothing for the new file.
    locked.focal_x = locked.focal_y = 50
    earlier = locked.replaced_files.filter(sha256=known.sha256).first()
    if earlier:
        locked.file.name = earlier.file.name
    try:
        with nullcontext() if earlier else stored(locked.file, file), transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise ValidationError(_("This file was uploaded in the meantime."), code="known") from error
    transaction.on_commit(partial(make_first_renditions.enqueue, image.pk))
    image.refresh_from_db()


def is_used(image: Image) -> bool:
    """Return whether an article, page, author, version or newsletter uses `image`."""
    is_unused = Image.objects.unused().filter(pk=image.pk).exists()
    return not is_unused or Page.objects.showing_image(image.uuid).exists()


@transaction.atomic
def delete_image(*, image: Image) -> None:
    """Delete `image`, which nothing uses, with its files: originals, renditions and link previews."""
    originals = {str(image.file.name), *image.replaced_files.values_list("file", flat=True)}
    made = {*image.renditions.values_list("file", flat=True), *image.social_crops.values_list("file", flat=True)}
    image.delete()
    # Named by their digests: another image may have the same file.
    for model in (Rendition, SocialCrop):
        made -= set(model._default_manager.filter(file__in=made).values_list("file", flat=True))
    for alias, names in (("originals", originals), ("default", made)):
        for name in names:
            transaction.on_commit(partial(storages[alias].delete, name))


def image_changed(*, image: Image, fields: list[str]) -> None:
    """Apply what takes effect without publishing: a new focal point, and the label of an image by AI."""
    if {"focal_x", "focal_y", "ai_use"} & set(fields):
        transaction.on_commit(partial(rerender_showing_later.enqueue, "image", image.pk))
    if {"focal_x", "focal_y"} & set(fields):
        # The link preview is a file of its own, which has to be cropped again.
        transaction.on_commit(partial(make_renditions.enqueue, image.pk))


def retry_renditions(*, image: Image) -> None:
    """Try again to make the renditions that failed."""
    Image.objects.filter(pk=image.pk).update(rendition_error="")
    transaction.on_commit(partial(make_first_renditions.enqueue, image.pk))


def store_recording(recording: Recording, file: IO[bytes]) -> None:
    """Save `recording` with `file`. Raises ValidationError for a file that is not accepted audio."""
    known = audio.inspect_audio(file)
    recording.format, recording.seconds, recording.size = known.format, known.seconds, known.size
    recording.sha256 = known.sha256
    with stored(recording.file, file):
        recording.save()


def make_missing_renditions(now: datetime) -> int:
    """Make missing renditions, of a new format or after a lost task. Return the number of images.

    Skips recent uploads (their task may still run) and images that failed before. Stops after `TICK_SECONDS`; the
    next call continues.
    """
    deadline = time.monotonic() + TICK_SECONDS
    old = {"uploaded_at__lte": now - TASK_TIMEOUT, "rendition_error": ""}
    pks = list(Image.objects.without_renditions().filter(**old).values_list("pk", flat=True)[:TICK_BATCH])
    pks += (
        Image.objects.without_social_crop()
        .filter(**old)
        .exclude(pk__in=pks)
        .values_list("pk", flat=True)[: TICK_BATCH - len(pks)]
    )
    made = 0
    for pk in pks:
        if time.monotonic() >= deadline:
            break
        made += bool(_make(pk, partial(create_missing_renditions, deadline=deadline)))
    return made


@task(queue_name=SLOW, priority=FIRST)
def make_first_renditions(image_pk: int) -> None:
    """Make what an image needs to be shown, render again what is served with it, and leave the rest for later."""
    if _make(image_pk, create_first_renditions) is not False:
        make_renditions.enqueue(image_pk)


@task(queue_name=SLOW)
def make_renditions(image_pk: int) -> None:
    """Make the missing renditions of an image, and render again what is served with it. Safe to repeat.

    After a while another task continues, so that the worker can send an email in between.
    """
    if _make(image_pk, partial(create_missing_renditions, deadline=time.monotonic() + TASK_SECONDS)) is None:
        make_renditions.enqueue(image_pk)


def _make(pk: int, create: Callable[[Image], bool]) -> bool | None:
    """Call `create` with the image. Return None if it says that it is not done, and False if it failed.

    Then the image stores why. Otherwise what is served with the image is rendered again.
    """
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        return False
    try:
        if not create(image):
            return None
    except (OSError, ValueError, SyntaxError) as error:  # a lost or damaged original must not stop the others
        log.exception("The renditions of image %s could not be made.", pk)
        Image.objects.filter(pk=pk).update(rendition_error=LOST if isinstance(error, FileNotFoundError) else DAMAGED)
        return False
    finally:
        release_memory()
    rerender_showing(image)
    return True
