"""Superseding a correction that is wrong itself."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import ChangedFact, ChangeKind, Correction, Version
from articles.services.change_kinds import changed_facts, new_correction
from articles.services.item_types import item_type
from articles.services.publishing import UnsaidChangeError, lock, replace_version
from truthlytics.web.users import User


class CorrectionError(Exception):
    """The correction cannot be superseded. The message is a sentence for its editor."""


@transaction.atomic
def supersede(*, correction: Correction, kind: str, sentence: str, by: User) -> Version:
    """Publish another correction that replaces `correction`, with a version of the same text, and return this version.

    The old one stays public, marked as superseded. Raises CorrectionError.
    """
    article, now = lock(correction.version.article), timezone.now()
    item_type(article).promote_due(article, now)
    if problem := obstacle(correction):
        raise CorrectionError(problem)
    if kind not in ChangeKind.values:
        raise CorrectionError(_("Choose what kind of change it is."))
    if not sentence.strip():
        raise CorrectionError(_("Tell readers in a sentence what changed."))
    served, scheduled = article.live, article.scheduled_version()
    facts = _facts_of(correction) if kind == ChangeKind.MINOR else ()
    superseding = new_correction(kind, by=by, now=now, supersedes=correction, facts=facts)
    version: Version = replace_version(
        article, served, served.content, by=by, at=now, note=sentence, correction=superseding
    )
    if scheduled is not None and scheduled.content is not None:
        # In the chain, no version is dated before the one it follows.
        try:
            replace_version(article, scheduled, scheduled.content, by=by, at=scheduled.public_from, note=scheduled.note)
        except UnsaidChangeError as error:  # It was scheduled by a release that did not ask.
            raise CorrectionError(str(error)) from error
    return version


def _facts_of(correction: Correction) -> tuple[ChangedFact, ...]:
    """Return the facts that changed in the version that `correction`, or the first one in its chain, is about."""
    while correction.supersedes is not None:
        correction = correction.supersedes
    version = correction.version
    earlier = version.article.versions.was_public(version.public_from).filter(number__lt=version.number)
    before = earlier.values_list("content", flat=True).last()
    return changed_facts(before, version.content) if version.content is not None else ()


def obstacle(correction: Correction) -> str:
    """Return why `correction` cannot be superseded now, or ""."""
    if Correction.objects.filter(supersedes=correction).exists():
        return _("This notice has been changed already. Change the newer one instead.")
    if not Correction.objects.public().filter(pk=correction.pk).exists():
        return _("Readers do not see it: it is scheduled, or the article is withdrawn.")
    served = correction.version.article.served_version()
    if served is None or served.content is None:
        return _("The text of the article was redacted. Publish a new version first.")
    return ""
