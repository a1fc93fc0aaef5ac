"""Publish a design."""

from django.db import transaction
from django.utils.translation import gettext as _

from truthlytics.audit.log import log_changes
from truthlytics.publication.design import Design
from truthlytics.publication.design_editions import DesignDraft, DesignEdition
from truthlytics.publication.models import Publication
from truthlytics.web.users import User


@transaction.atomic
def publish_design(*, design: Design, by: User) -> DesignEdition:
    """Show `design` to readers, keep it among the published designs and log the change; `by` has no draft any more.

    The first time, the look that readers had before is kept too. Publishing what readers see already adds no edition.
    """
    Publication.objects.get_or_create(pk=1)
    publication = Publication.objects.select_for_update().get(pk=1)
    before = Design.of(publication)
    DesignDraft.objects.filter(user=by).delete()
    newest = DesignEdition.objects.first()
    if newest is None:
        content, published_at = before.as_json(), publication.updated_at
        newest = DesignEdition.objects.create(content=content, published_at=published_at)
    if design == before:
        return newest
    edition = DesignEdition.objects.create(content=design.as_json(), published_by=by)
    with log_changes([publication], by=by, message=_("Published %(design)s.") % {"design": edition}):
        design.apply(publication)
        publication.save()
    return edition
