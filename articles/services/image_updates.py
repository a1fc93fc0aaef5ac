"""Publishing corrected image texts or a replaced image file, in articles and pages that are public already."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from articles.corrections.detector import Proposal, propose
from articles.corrections.wording import wording, words_differ
from articles.integrity import digest_of, unsealed
from articles.models import Article, Image, Page
from articles.models.base_version import BaseVersion
from articles.responsibility import ImageAIUse
from articles.services.item_types import ITEM_TYPES, item_type
from articles.services.item_types.base import image_texts
from articles.services.publishing import correction_of, lock, replace_version
from truthlytics.web.canonical_json import canonical
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

# The number of items of one type that are offered and published at once.
BATCH = 100
LABELS = {
    "sha256": gettext_lazy("file"),
    "alt": gettext_lazy("alt text"),
    "caption": gettext_lazy("caption"),
    "credit": gettext_lazy("credit"),
    "ai_use": gettext_lazy("use of AI"),
}


@dataclass(frozen=True, slots=True)
class OutdatedItem:
    """A public article or page with older texts or another file of an image.

    `differences` are (label, published, current). `published_file` is the digest of the file it shows, if the image
    has another one now.
    """

    item: Article | Page
    differences: list[tuple[str, str, str]]

    @property
    def published_file(self) -> str:
        return next((published for label, published, _ in self.differences if label == str(LABELS["sha256"])), "")

    @property
    def key(self) -> str:
        """The value of its checkbox in forms."""
        return f"{self.item._meta.model_name}-{self.item.pk}"


def current_texts(image: Image) -> dict[str, str]:
    """Return what a version would hold of `image` now."""
    return image_texts([image])[str(image.uuid)]


def fingerprint(image: Image) -> str:
    """Return a value that changes with anything that versions hold of `image`."""
    return digest_of(canonical(current_texts(image)))


def outdated_items(image: Image) -> list[OutdatedItem]:
    """Return what is public or scheduled and does not show `image` as it is now: pages, then articles."""
    now = timezone.now()
    items: list[OutdatedItem] = []
    for kind in reversed(ITEM_TYPES.values()):
        outdated: dict[int, OutdatedItem] = {}
        for version in kind.public_versions_showing(image, now).iterator(BATCH):
            if found := differences(version, image):
                item = getattr(version, kind.name)
                outdated.setdefault(item.pk, OutdatedItem(item, found))
            if len(outdated) == BATCH:
                break
        items += outdated.values()
    return items


def differences(version: BaseVersion, image: Image) -> list[tuple[str, str, str]]:
    published = json.loads(version.content or "{}").get("pictures", {}).get(str(image.uuid))
    if published is None:
        return []
    current = current_texts(image)
    return [
        (str(label), _shown(key, published), _shown(key, current))
        for key, label in LABELS.items()
        if published.get(key, "") != current.get(key, "")
    ]


def _shown(key: str, texts: Mapping[str, str]) -> str:
    value = texts.get(key, "")
    return str(ImageAIUse(value).label) if key == "ai_use" and value in ImageAIUse.values else value


def proposed_kind(items: Sequence[OutdatedItem], image: Image) -> Proposal | None:
    """Return the proposed kind of change, from the first article with changed words; None if no words change.

    Its facts are those of all articles.
    """
    proposals = []
    for outdated in items:
        served = outdated.item.served_version() if isinstance(outdated.item, Article) else None
        if served is not None and served.content is not None:
            content = updated_content(served, image)
            if words_differ(served.content, content):
                proposals.append(propose(wording(served.content), wording(content)))
    if not proposals:
        return None
    facts = tuple(dict.fromkeys(fact for proposal in proposals for fact in proposal.facts))
    return replace(proposals[0], facts=facts)


@transaction.atomic
def update_image(*, item: Article | Page, image: Image, by: User, note: str = "", kind: str = "") -> list[Any]:
    """Publish the served and the scheduled version of `item` with `image` as it is now, and no other change.

    `kind` is the kind of change, as in `publish`, if the caption or credit of an article changes.
    A scheduled version keeps its time and kind. Returns the new versions; safe to repeat. Raises NotReadyError.
    """
    locked = lock(item)
    image.refresh_from_db()
    now = timezone.now()
    item_type(item).promote_due(locked, now)
    served, scheduled = locked.served_version(), locked.scheduled_version()
    outdated = [version for version in (served, scheduled) if version is not None and differences(version, image)]
    if not image.complete or locked.state(now) == "withdrawn" or not outdated:
        return []
    versions = []
    if served in outdated:
        content = updated_content(served, image)
        correction = correction_of(locked, content, kind=kind, note=note, by=by, now=now)
        versions.append(replace_version(locked, served, content, by=by, at=now, note=note, correction=correction))
    if scheduled is not None and scheduled.content is not None:
        # Even if only the served version was outdated: in the chain, no version is dated before the one it follows.
        content = updated_content(scheduled, image)
        at, note = scheduled.public_from, scheduled.note
        versions.append(replace_version(locked, scheduled, content, by=by, at=at, note=note))
    return versions


def updated_content(version: BaseVersion, image: Image) -> JsonObject:
    content = unsealed(json.loads(version.content or "{}"))
    if published := content["pictures"].get(str(image.uuid)):
        published.pop("ai_use", None)
        published |= current_texts(image)
    return content
