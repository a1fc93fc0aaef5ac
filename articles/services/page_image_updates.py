"""A mended word or a replaced file of a picture, taken over into pages about the publication, as into articles."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.models import Image, Page, PageVersion
from articles.services import pages
from articles.services.image_updates import Outdated, differs, mended


def outdated_pages(image: Image) -> list[Outdated]:
    """The pages on the site, or on their way to it, that do not show `image` as it is now. There are a few dozen."""
    now = timezone.now()
    naming = PageVersion.objects.filter(content__contains=str(image.uuid)).exclude(page__withdrawn_at__lte=now)
    read, waiting = naming.served(now), naming.waiting(now)
    found: dict[int, Outdated] = {}
    for version in (read | waiting).select_related("page").order_by("page__headline", "page_id", "number"):
        if told := differs(version, image):
            found.setdefault(version.page_id, Outdated(version.page, told))
    return list(found.values())


@transaction.atomic
def take_over_page(*, page: Page, image: Image, by: Any, note: str = "") -> list[PageVersion]:
    """Publish what readers have of `page`, and what waits for its time, with `image` as it is now, and nothing else.

    What is being written stays as it is, a plan keeps its time. Safe to repeat: what does not differ is left alone,
    and the list of versions made is empty.
    """
    locked = Page.objects.select_for_update().get(pk=page.pk)
    image.refresh_from_db()
    read, waiting = locked.read_now(), locked.waiting()
    outdated = [version for version in (read, waiting) if version is not None and differs(version, image)]
    if not image.complete or locked.state() == "withdrawn" or not outdated:
        return []
    made = []
    if read in outdated:
        made.append(pages.record(locked, content=mended(read, image), by=by, note=note))
    if waiting is not None:
        # Also where only the other one differs: a new version takes the place of what waits.
        content = mended(waiting, image)
        made.append(pages.record(locked, content=content, by=by, at=waiting.public_from, note=waiting.note))
    return made
