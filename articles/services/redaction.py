"""Redaction: removing the text of a published version, for legal reasons. The digests stay, and readers see why."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.models import Article, Autosave, DossierVersionArticle, ImageUsage, Revision, Version
from articles.models.base_version import BaseVersion
from articles.services.item_types import Item, item_type
from articles.services.publishing import lock
from articles.signals import version_published
from truthlytics.audit.log import log_action
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import User

REASON_LENGTH = 300


class RedactionError(Exception):
    """The text cannot be removed. The message is a sentence for an operator."""


@transaction.atomic
def redact(*, item: Item, version: BaseVersion, reason: str, by: User | None = None, revisions: bool = False) -> int:
    """Remove the text of `version` of `item`, an article, dossier or page, with what was derived from it.

    `reason` is shown to readers. With `revisions`, autosaves and all revisions but the newest are deleted too. Returns
    how many of these were deleted. Raises RedactionError.
    """
    item = lock(item)
    name = item_type(item).name
    item_type(item).promote_due(item, timezone.now())
    version.refresh_from_db()
    reason = " ".join(strip_control_characters(reason).split())
    if problem := obstacle(item, version, reason):
        raise RedactionError(problem)
    version.redact(reason)
    version.document_links.all().delete()
    if isinstance(version, Version):
        search.reindex(version)
        ImageUsage.update_for(item, (), version)
        version.citations.all().delete()
        # Comments may quote the text.
        transaction.on_commit(partial(version_published.send, sender=Article, article=item, version=version))
    elif name == "dossier":
        DossierVersionArticle.objects.filter(version=version.pk).delete()
    deleted = _delete_saved_texts(item, name) if revisions else 0
    message = _("Removed the text of version %(number)s from the record: %(reason)s")
    log_action(by=by, row=item, message=message % {"number": version.number, "reason": reason})
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


def _delete_saved_texts(item: Item, name: str) -> int:
    """Delete the autosaves and all revisions but the newest. Dossiers have none."""
    if name == "dossier":
        return 0
    saved = Revision.objects.filter(**{name: item})
    newest = saved.saved().order_by("-number").first()
    old = saved.exclude(pk=newest.pk) if newest else saved
    return old.delete()[0] + Autosave.objects.filter(**{name: item}).delete()[0]
