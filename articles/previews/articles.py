"""Preview of an article draft: the readers' page, rendered from the draft without saving a version."""

import copy
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.access import Level, decide
from articles.integrity import has_same_text
from articles.models import Article, Image, Version
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.presenters.article import ArticlePage, ArticleSummary, GatedPart
from articles.presenters.dossiers import DossierTeaser, dossiers_of
from articles.revisions.fields import EditableFields
from articles.richtext.vocabulary import image_uuids
from articles.services import revisions
from articles.services.denormalise import derive
from articles.services.item_types import editable_type
from articles.services.item_types.base import image_texts
from articles.services.publishing import content_of
from articles.services.sources import with_sources
from truthlytics.web.canonical_json import canonical
from truthlytics.web.types import JsonObject


@dataclass(frozen=True, slots=True)
class PreviewReader:
    """The reader that a preview is rendered for, instead of `request.access`."""

    level: int
    name: str | Promise = ""
    may_comment: bool = False
    reason: str = ""


# By the value in the query string.
READERS = {
    "anybody": PreviewReader(Level.EVERYONE, _("Anyone")),
    "registered": PreviewReader(Level.REGISTERED, _("Registered reader")),
    "subscriber": PreviewReader(Level.SUBSCRIBER, _("Subscriber")),
    "supporter": PreviewReader(Level.SUPPORTER, _("Supporter")),
}


class ArticlePreview(ArticlePage):
    """An unsaved version of an article, instead of the served one.

    `text` holds unsaved changes; without it, the preview shows the draft as last saved.
    """

    def __init__(self, article: Article, text: EditableFields | None = None) -> None:
        super().__init__(article.slug, timezone.now())
        self._article = article
        self._text = text

    @cached_property
    def article(self) -> Article:
        shown = copy.copy(self._article)
        shown.published_at = shown.published_at or self.now
        return shown

    @cached_property
    def version(self) -> Version:
        last = self.article.versions.order_by("-number").values_list("number", flat=True).first() or 0
        content = editable_type(self._article).working_content(self._article)
        if self._text is not None:
            content = revisions.content_with(self._article, self._text)
        content = with_sources(content | {"pictures": images_in(content)})
        version = Version(
            article=self.article,
            number=last if self.unchanged else last + 1,
            public_from=self.now,
            created_at=self.now,
            changed_at=self.now,
            content=canonical(content),
        )
        derive(version)
        return version

    @cached_property
    def unchanged(self) -> bool:
        """Whether the live version has the same content."""
        live = self.article.live
        return (
            self._text is None
            and live is not None
            and not self.article.upcoming_id
            and has_same_text(live.content, content_of(self._article))
        )

    def summary(self) -> ArticleSummary:
        # Rendered without the fragment cache, so nothing is cached under this id.
        self.version.pk = 0
        return super().summary()

    def gated_part(self) -> GatedPart:
        return GatedPart(self.version.paid_html, self.version.paid_notes, self.version.paid_sources)

    def dossiers(self) -> list[DossierTeaser]:
        return dossiers_of(self.article, self.now)

    def version_log(self) -> VersionLog:
        """The public versions so far, and this one as if it were published now, unless it is the last of them."""
        published = self.article.version_log(self.now)
        if self.unchanged:
            return published
        return VersionLog((*published.entries, VersionLogEntry(published.number + 1, self.now, "")))


def images_in(content: JsonObject) -> JsonObject:
    """Return the metadata of each image in the body or lead of `content`, even if its renditions are not ready."""
    lead, social = content.get("lead") or {}, content.get("social") or {}
    used = [*image_uuids(content["body"]), lead.get("uuid"), social.get("image")]
    images = Image.objects.filter(uuid__in=[uuid for uuid in used if uuid])
    return image_texts(images)


def article_preview_context(preview: ArticlePreview, reader: PreviewReader) -> dict[str, object]:
    """Return the context of `articles/article.html` for `reader`. Render it within `bypass_fragment_cache()`."""
    summary = preview.summary()
    decision = decide(summary, reader)
    full_access = decision.allowed and summary.required_level > 0
    return {
        "summary": summary,
        "decision": decision,
        "full_access": full_access,
        "current_section": summary.section,
        "reader": reader,
        **preview.context(full_access=full_access),
    }
