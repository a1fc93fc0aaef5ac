"""Redaction: removing the text of a published version, for legal reasons. The digests stay, and readers see why."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.integrity import has_same_text
from articles.models import (
    Article,
    Autosave,
    Document,
    DocumentLink,
    DossierVersionArticle,
    Image,
    ImageUsage,
    Page,
    PageVersion,
    Revision,
    Version,
)
from articles.models.base_version import REASON_LENGTH, BaseVersion
from articles.models.media import ImageQuerySet
from articles.models.publishable import reader_number
from articles.services import log_entries
from articles.services.item_types import Item, item_type
from articles.services.media import delete_image
from articles.services.publishing import lock
from articles.signals import texts_changed, version_published
from truthlytics.audit.log import log_action
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import AnyRows
from truthlytics.web.users import User


class RedactionError(Exception):
    """The text cannot be removed. The message is a sentence for an operator."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What redacting a version concerns beside its text.

    `same_text` are the numbers of other versions with the same text, as readers count. `images` is what only this
    version uses, `shared_images` what is used elsewhere too, `documents` what is no longer served, and `revisions` the
    number of revisions and autosaves that can be deleted.
    """

    same_text: tuple[int, ...]
    images: tuple[Image, ...]
    shared_images: tuple[Image, ...]
    documents: tuple[Document, ...]
    revisions: int


def effects(item: Item, version: BaseVersion) -> Effects:
    """Return what redacting `version` of `item` would concern. Writes nothing."""
    public = item.versions.was_public().values_list("pk", "content")
    same = [
        number
        for number, (pk, content) in enumerate(public, start=1)
        if pk != version.pk and has_same_text(content, version.content)
    ]
    images = list(_images_of(version))
    only_here = [image for image in images if not _is_used_elsewhere(image, version)]
    digests = set(version.document_links.values_list("sha256", flat=True))
    others = DocumentLink.objects.public(timezone.now()).exclude(pk__in=version.document_links.values("pk"))
    digests -= set(others.filter(sha256__in=digests).values_list("sha256", flat=True))
    return Effects(
        tuple(same),
        tuple(only_here),
        tuple(image for image in images if image not in only_here),
        tuple(Document.objects.filter(sha256__in=digests)),
        sum(rows.count() for rows in _saved_texts(item)),
    )


@transaction.atomic
def redact(
    *,
    item: Item,
    version: BaseVersion,
    reason: str,
    by: User | None = None,
    revisions: bool = False,
    images: Collection[Image] = (),
) -> int:
    """Remove the text of `version` of `item`, an article, dossier or page, with what was derived from it.

    `reason` is shown to readers. With `revisions`, autosaves and all revisions but the newest are deleted too. `images`
    are deleted with their files; nothing else may use them. Returns how many revisions and autosaves were deleted.
    Raises RedactionError.
    """
    item = lock(item)
    name = item_type(item).name
    item_type(item).promote_due(item, timezone.now())
    version.refresh_from_db()
    reason = " ".join(strip_control_characters(reason).split())
    if problem := obstacle(item, version, reason):
        raise RedactionError(problem)
    if any(_is_used_elsewhere(image, version) for image in images):
        raise RedactionError(_("One of the images is used elsewhere by now. Check the list again."))
    version.redact(reason)
    log_entries.add_removal(item, version, timezone.now())
    version.document_links.all().delete()
    texts_changed.send(sender=type(item), item=item, removed=True)
    if isinstance(version, Version):
        search.reindex(version)
        ImageUsage.update_for(item, (), version)
        version.citations.all().delete()
        # Comments may quote the text.
        transaction.on_commit(partial(version_published.send, sender=Article, article=item, version=version))
    elif name == "dossier":
        DossierVersionArticle.objects.filter(version=version.pk).delete()
    deleted = sum(rows.delete()[0] for rows in _saved_texts(item)) if revisions else 0
    for image in images:
        log_action(by=by, row=image, message=_("Deleted with the text of a version: %(reason)s") % {"reason": reason})
        delete_image(image=image)
    shown = reader_number(item.versions, version.number)
    message = _("Removed the text of version %(number)s from the record: %(reason)s")
    log_action(by=by, row=item, message=message % {"number": shown, "reason": reason})
    return deleted


def obstacle(item: Item, version: BaseVersion, reason: str) -> str:
    """Return why the text of `version` of `item` cannot be removed, or ""."""
    if not reason:
        return _("Give the reason. Readers see it in place of the text.")
    if len(reason) > REASON_LENGTH:
        return _("The reason is too long. It can have %(limit)s characters.") % {"limit": REASON_LENGTH}
    if version.content is None:
        return _("The text of this version was removed already.")
    if version == item.served_version():
        return _("Readers get this version now. Publish one without the text first, or withdraw it.")
    if version == item.scheduled_version():
        return _("This version is scheduled. Cancel its publication first.")
    return ""


def _saved_texts(item: Item) -> list[AnyRows]:
    """Return the autosaves, and all revisions but the newest. Dossiers have none."""
    name = item_type(item).name
    if name == "dossier":
        return []
    saved = Revision.objects.filter(**{name: item})
    newest = saved.saved().order_by("-number").first()
    old = saved.exclude(pk=newest.pk) if newest else saved
    return [old, Autosave.objects.filter(**{name: item})]


def _images_of(version: BaseVersion) -> ImageQuerySet:
    """Return the images in the text of `version`. Dossiers have none."""
    if isinstance(version, Version):
        return Image.objects.filter(usages__version=version)
    content = json.loads(version.content) if isinstance(version.content, str) else version.content
    return Image.objects.filter(uuid__in=(content or {}).get("pictures", {}).keys())


def _is_used_elsewhere(image: Image, version: BaseVersion) -> bool:
    usages = image.usages.exclude(version=version) if isinstance(version, Version) else image.usages.all()
    if usages.exists() or not Image.objects.used_in_texts_only().filter(pk=image.pk).exists():
        return True
    pages = PageVersion.objects.filter(content__contains=str(image.uuid))
    pages = pages.exclude(pk=version.pk) if isinstance(version, PageVersion) else pages
    return pages.exists() or Page.objects.filter(body__contains=str(image.uuid)).exists()
