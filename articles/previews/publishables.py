"""Previews of articles, dossiers and pages: what readers would get if the draft was published now."""

from functools import singledispatch
from typing import Any

from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, Page, PageVersion
from articles.presenters.dossiers import dossier_context
from articles.presenters.pages import page_context
from articles.previews.articles import ArticlePreview, PreviewReader, article_preview_context, images_in
from articles.revisions.fields import EditableFields
from articles.services import publishing, reviews, revisions
from articles.services.item_types import Item


@singledispatch
def preview_context(item: Item, fields: EditableFields | None, reader: PreviewReader) -> dict[str, object]:
    """Return the context of the readers' template for `item`, with unsaved `fields` or as it was saved."""
    raise NotImplementedError


@preview_context.register
def _article(item: Article, fields: EditableFields | None, reader: PreviewReader) -> dict[str, object]:
    return article_preview_context(ArticlePreview(item, fields), reader)


@preview_context.register
def _page(item: Page, fields: EditableFields | None, reader: PreviewReader) -> dict[str, object]:
    if fields:
        [content] = reviews.with_reviews([item], [revisions.content_with(item, fields)])
    else:
        content = publishing.content_of(item)
    served = item.served_version()
    unchanged = served is not None and not publishing.differs(item, served, content)
    content["pictures"] = images_in(content)
    return page_context(item, content, [*([] if unchanged else [_next(item, PageVersion)]), *_public_versions(item)])


@preview_context.register
def _dossier(item: Dossier, fields: EditableFields | None, reader: PreviewReader) -> dict[str, object]:
    content, served = publishing.content_of(item), item.served_version()
    unchanged = served is not None and not publishing.differs(item, served, content)
    versions = [*([] if unchanged else [_next(item, DossierVersion)]), *_public_versions(item)]
    return dossier_context(item, content, versions, timezone.now())


def _public_versions(item: Any) -> list[Any]:
    return list(item.versions.was_public().order_by("-number").defer("content"))


def _next(item: Any, model: Any) -> Any:
    last = item.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return model(**{model.of: item}, number=last + 1, public_from=timezone.now())
