"""A mended word or a replaced file of a picture, taken over into what is public: one minor version an article."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles import search
from articles.integrity import canonical, digest_of
from articles.models import ENTRY_MODELS, Article, Image, Page, PageVersion, SearchEntry, Version
from articles.services.denormalise import served_versions
from articles.services.publishing import fold, made, record

# How many articles are looked at and published again at once; the rest is offered after them.
AT_ONCE = 100
NAMES = {"sha256": "file", "alt": "alt text", "caption": "caption", "credit": "credit"}


@dataclass(frozen=True, slots=True)
class Outdated:
    """What readers have with older words or another file of a picture; `differs` has (name, then, now)."""

    thing: Article | Page
    differs: list[tuple[str, str, str]]

    @property
    def key(self) -> str:
        """What a form calls it: an article by its number alone."""
        return str(self.thing.pk) if isinstance(self.thing, Article) else f"page-{self.thing.pk}"


def words_now(image: Image) -> dict[str, str]:
    """What a version that is made now would say of `image`."""
    return {"sha256": image.sha256, "alt": image.alt, "caption": image.caption, "credit": image.credit_line}


def mark(image: Image) -> str:
    """Changes with whatever a version says of `image`."""
    return digest_of(canonical(words_now(image)))


def outdated(image: Image) -> list[Outdated]:
    """The articles on the site, or on their way to it, that do not show `image` as it is now; at most `AT_ONCE`."""
    served = served_versions().filter(image_usages__image=image, content__isnull=False)
    served = served.exclude(article__withdrawn_at__lte=timezone.now()).select_related("article")
    found: dict[int, Outdated] = {}
    for version in served.order_by("-article__published_at", "-article_id", "number").iterator(AT_ONCE):
        if told := differs(version, image):
            found.setdefault(version.article_id, Outdated(version.article, told))
        if len(found) == AT_ONCE:
            break
    return list(found.values())


def differs(version: Version | PageVersion, image: Image) -> list[tuple[str, str, str]]:
    used = json.loads(version.content or "{}").get("pictures", {}).get(str(image.uuid))
    if used is None:
        return []
    now = words_now(image)
    return [(name, used.get(key, ""), now[key]) for key, name in NAMES.items() if used.get(key, "") != now[key]]


@transaction.atomic
def take_over(*, article: Article, image: Image, by: Any, note: str = "") -> list[Version]:
    """Publish what is served of `article`, and what waits for its time, with `image` as it is now, and nothing else.

    The text that is being worked on stays as it is, a plan keeps its time. Safe to repeat: what does not differ is
    left alone, and the list of versions made is empty.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    image.refresh_from_db()
    now = timezone.now()
    fold(locked, now)
    if not image.complete or locked.state(now) == "withdrawn":
        return []
    live, waiting = locked.live, locked.upcoming
    if not any(version and version.content and differs(version, image) for version in (live, waiting)):
        return []
    new: list[Version] = []
    if live is not None and live.content is not None and differs(live, image):
        public_from = max(now.replace(microsecond=0), live.public_from)
        locked.live = record(locked, content=mended(live, image), by=by, now=now, public_from=public_from, note=note)
        _in_place_of(live, locked.live, until=locked.upcoming_at)
        new.append(locked.live)
    if waiting is not None and waiting.content is not None:
        # Also where only the other one differs: in the chain none is dated before the one that it follows.
        locked.upcoming = record(
            locked, content=mended(waiting, image), by=by, now=now, public_from=waiting.public_from, note=waiting.note
        )
        Version.objects.filter(pk=waiting.pk).update(superseded_at=now)
        _in_place_of(waiting, locked.upcoming)
        new.append(locked.upcoming)
    locked.save(update_fields=["live", "upcoming", "updated_at"])
    for version in new:
        made(locked, version)
    return new


def mended(version: Version | PageVersion, image: Image) -> str:
    content: dict[str, Any] = json.loads(version.content or "{}")
    if str(image.uuid) in content["pictures"]:
        content["pictures"][str(image.uuid)] |= words_now(image)
    return canonical(content)


def _in_place_of(old: Version, new: Version, until: Any = None) -> None:
    """The lines of `old` are the lines of `new`: it stands in the same lists."""
    for entries in ENTRY_MODELS:
        if entries is not SearchEntry:
            entries.objects.filter(version=old).update(version=new, served_from=new.public_from)
    SearchEntry.objects.filter(version=old).delete()
    search.index(new, until)
