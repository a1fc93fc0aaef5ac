"""The library of pictures and recordings: one file is one picture, and its renditions are made outside the request."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.tasks import task

from articles import sound
from articles.images import facts, make_missing
from articles.models import Image, Recording

from .deriving import rerender_with

log = logging.getLogger(__name__)
# How long a picture's own task may take before `tick` looks after it, and how many it takes at once.
TASKS_TIME = timedelta(minutes=10)
AT_ONCE = 200


def add_to_library(
    *, file: IO[bytes], alt: str, credit: str, caption: str = "", title: str = "", by: Any = None
) -> Image:
    """Keep `file` as a private original and have its renditions made; the same file again gives the image it is.

    Raises ValidationError for what is no picture or too large a one.
    """
    known = facts(file)
    if image := Image.objects.filter(sha256=known.sha256).first():
        return image
    image = Image(alt=alt, credit=credit, caption=caption, title=title, uploaded_by=by)
    try:
        with transaction.atomic():
            keep_original(image, file)
    except IntegrityError:  # somebody else brought the same file in between
        image.file.delete(save=False)
        return Image.objects.get(sha256=known.sha256)
    return image


def keep_original(image: Image, file: IO[bytes]) -> None:
    """Save `image` with `file` as its original, and have renditions made once that is committed."""
    known = facts(file)
    image.format, image.width, image.height, image.sha256 = known.format, known.width, known.height, known.sha256
    # A named ContentFile of ours: the uploader's file name never reaches the disk.
    image.file.save("original", ContentFile(file.read(), name="original"), save=False)
    image.save()
    transaction.on_commit(partial(make_renditions.enqueue, image.pk))


def keep_recording(recording: Recording, file: IO[bytes]) -> None:
    """Save `recording` with `file`, which only its article ever serves. Raises ValidationError for what is none."""
    known = sound.facts(file)
    recording.format, recording.seconds, recording.size = known.format, known.seconds, known.size
    recording.sha256 = known.sha256
    recording.file.save("recording", ContentFile(file.read(), name="recording"), save=False)
    recording.save()


def make_late(now: datetime) -> int:
    """Make what renditions are still lacking: of a new format, or where the task was lost; returns how many pictures.

    What was just brought is left to its task.
    """
    late = Image.objects.unfinished().filter(uploaded_at__lte=now - TASKS_TIME)
    done = 0
    for pk in late.values_list("pk", flat=True)[:AT_ONCE]:
        try:
            make_renditions.call(pk)
            done += 1
        except OSError:  # a lost or damaged original must not keep the others waiting
            log.exception("The renditions of picture %s could not be made.", pk)
    return done


@task()
def make_renditions(image_pk: int) -> None:
    """Make what renditions the image lacks, then derive again what is served with it. Safe to run twice."""
    image = Image.objects.filter(pk=image_pk).first()
    if image is not None:
        make_missing(image)
        rerender_with(image)
