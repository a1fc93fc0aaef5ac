"""Copying an article to a new draft."""

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Article
from articles.services import revisions
from truthlytics.web.users import User

HEADLINE_LENGTH = Article._meta.get_field("headline").max_length
# Not copied: the URL, the part of a series, the links to translations and the use of AI belong to one article.
DROPPED: dict[str, object] = {"series": None, "translation_of": None, "ai_uses": []}


@transaction.atomic
def duplicate(*, article: Article, slug: str, by: User) -> Article:
    """Create a draft with the text, images and details of `article`, its own `slug` and one revision.

    Versions, comments, remarks, reads, workflow and share links stay with the original.
    """
    headline = _("%s (copy)") % article.headline
    fields = revisions.current_fields(article) | {"slug": slug, "headline": headline[:HEADLINE_LENGTH]}
    fields |= {name: value for name, value in DROPPED.items() if name in fields}
    copy = Article(created_by=by)
    # What autosave uses for a new row, so that the history starts with the copied text.
    copy.slug = Article.placeholder_slug(copy.uuid)
    copy.save()
    revisions.write(item=copy, fields=fields, by=by)
    return copy
