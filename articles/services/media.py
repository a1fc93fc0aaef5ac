"""The library of pictures and recordings: one file is one picture, and its renditions are made outside the request."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone

from articles.media import audio
from articles.media.renditions import DAMAGED, create_missing_renditions, inspect_image
from articles.models import Image, Recording, ReplacedFile
from articles.services.denormalise import rerender_showing, rerender_showing_later
from truthlytics.web.text import strip_control_characters

log = logging.getLogger(__name__)
# How long a picture's own task may take before `tick` looks after it, and how many it takes at once.
TASKS_TIME = timedelta(minutes=10)
AT_ONCE = 200
LOST = "The original file cannot be found."


def add_to_library(
    *, file: IO[bytes], alt: str = "", credit: str = "", caption: str = "", title: str = "", by: Any = None
) -> Image:
    """Keep `file` as a private original and have its renditions made; the same file again gives the image it is.

    Without alt text or credit it cannot be published until it gets them. Raises ValidationError for what is no
    picture or too large a one.
    """
    image = Image(alt=alt, credit=credit, caption=caption, title=title, uploaded_by=by)
    return add_image(image=image, file=file)[0]


def add_image(*, image: Image, file: IO[bytes]) -> tuple[Image, bool]:
    """`add_to_library` for a prepared `image`; with False and the one that is there where the file was known."""
    known = inspect_image(file)
    if there := Image.objects.filter(sha256=known.sha256).first():
        return there, False
    try:
        with transaction.atomic():
            store_original(image, file)
    except IntegrityError:  # somebody else brought the same file in between
        image.file.delete(save=False)
        return Image.objects.get(sha256=known.sha256), False
    return image, True


def store_original(image: Image, file: IO[bytes]) -> None:
    """Save `image` with `file` as its original, and have renditions made once that is committed."""
    known = inspect_image(file)
    image.format, image.width, image.height, image.sha256 = known.format, known.width, known.height, known.sha256
    image.proposed, image.file_name = known.suggestions, file_name_of(file)
    # A named ContentFile of ours: the uploader's file name never reaches the disk.
    image.file.save("original", ContentFile(file.read(), name="original"), save=False)
    image.save()
    transaction.on_commit(partial(make_renditions.enqueue, image.pk))


def file_name_of(file: IO[bytes]) -> str:
    """What the uploader calls `file`, to find it by."""
    return strip_control_characters(str(getattr(file, "name", "") or "").replace("\\", "/").rsplit("/", 1)[-1])[:200]


@transaction.atomic
def replace_file(*, image: Image, file: IO[bytes], by: Any = None) -> None:
    """Put `file` in the place of the original of `image`. Versions go on showing the file that they named.

    Raises ValidationError for what is no picture, and for a file that is in the library already.
    """
    known = inspect_image(file)
    locked = Image.objects.select_for_update().get(pk=image.pk)
    there = Image.objects.filter(sha256=known.sha256).first()
    if there is not None:
        words = "This is the very file that stands here." if there.pk == image.pk else f"This very file is “{there}”."
        raise ValidationError(words, code="known")
    before = {name: getattr(locked, name) for name in ("file", "format", "sha256", "width", "height")}
    ReplacedFile.objects.update_or_create(
        image=locked,
        sha256=before["sha256"],
        defaults=before | {"file": locked.file.name, "replaced_at": timezone.now(), "replaced_by": by},
    )
    locked.format, locked.width, locked.height, locked.sha256 = known.format, known.width, known.height, known.sha256
    locked.file_name, locked.rendition_error = file_name_of(file), ""
    # What was in sight of the old picture says nothing of the new one.
    locked.focal_x = locked.focal_y = 50
    if earlier := locked.replaced_files.filter(sha256=known.sha256).first():
        locked.file.name = earlier.file.name
    else:
        locked.file.save("original", ContentFile(file.read(), name="original"), save=False)
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise ValidationError("This very file was brought in the meantime.", code="known") from error
    transaction.on_commit(partial(make_renditions.enqueue, image.pk))
    image.refresh_from_db()


def image_changed(*, image: Image, fields: list[str]) -> None:
    """What follows at once from a change in the library: the focal point is how a picture is cut, not what it says."""
    if {"focal_x", "focal_y"} & set(fields):
        transaction.on_commit(partial(rerender_showing_later.enqueue, "image", image.pk))
        # What stands beside a shared link is a file of its own, and is cut anew.
        transaction.on_commit(partial(make_renditions.enqueue, image.pk))


def retry_renditions(*, image: Image) -> None:
    """Have the renditions made once more that could not be made."""
    Image.objects.filter(pk=image.pk).update(rendition_error="")
    transaction.on_commit(partial(make_renditions.enqueue, image.pk))


def store_recording(recording: Recording, file: IO[bytes]) -> None:
    """Save `recording` with `file`, which only its article ever serves. Raises ValidationError for what is none."""
    known = audio.inspect_audio(file)
    recording.format, recording.seconds, recording.size = known.format, known.seconds, known.size
    recording.sha256 = known.sha256
    recording.file.save("recording", ContentFile(file.read(), name="recording"), save=False)
    recording.save()


def make_missing_renditions(now: datetime) -> int:
    """Make what renditions are still lacking: of a new format, or where the task was lost; returns how many pictures.

    What was just brought is left to its task, and what could not be made to somebody who tries again.
    """
    old = {"uploaded_at__lte": now - TASKS_TIME, "rendition_error": ""}
    late = list(Image.objects.without_renditions().filter(**old).values_list("pk", flat=True)[:AT_ONCE])
    late += (
        Image.objects.without_social_crop()
        .filter(**old)
        .exclude(pk__in=late)
        .values_list("pk", flat=True)[: AT_ONCE - len(late)]
    )
    return sum(_make(pk) for pk in late)


@task()
def make_renditions(image_pk: int) -> None:
    """Make what renditions the image lacks, then derive again what is served with it. Safe to run twice."""
    _make(image_pk)


def _make(pk: int) -> bool:
    """False where it could not be done; then the picture says why."""
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        return False
    try:
        create_missing_renditions(image)
    except (OSError, ValueError, SyntaxError) as error:  # a lost or damaged original keeps no other waiting
        log.exception("The renditions of picture %s could not be made.", pk)
        Image.objects.filter(pk=pk).update(rendition_error=LOST if isinstance(error, FileNotFoundError) else DAMAGED)
        return False
    rerender_showing(image)
    return True
