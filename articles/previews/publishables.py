"""A proof of a dossier or of a page: what readers would get if it was published now, written to no version."""

from functools import singledispatch
from typing import Any

from django.utils import timezone

from articles.integrity import canonical, digest_of
from articles.models import Dossier, DossierVersion, Page, PageVersion
from articles.presenters import pages as told
from articles.previews.articles import pictures_named
from articles.revisions.fields import Typed
from articles.services import dossiers, pages, revisions


@singledispatch
def told_of(thing: Any, text: Typed | None) -> dict[str, Any]:
    """What the template draws of `thing` with `text`, which is typed and not saved yet; without it, as it was saved."""
    raise NotImplementedError


@told_of.register
def _page(page: Page, text: Typed | None) -> dict[str, Any]:
    content = revisions.content_with(page, text) if text else pages.content_of(page)
    last = page.read_now()
    same = last is not None and last.content_digest == digest_of(canonical(content))
    content["pictures"] = pictures_named(content)
    # What it is for holds at once, but not before it is saved.
    return told.of_page(page, content, [*([] if same else [_next(page, PageVersion)]), *_changes(page)])


@told_of.register
def _dossier(dossier: Dossier, text: Typed | None) -> dict[str, Any]:
    content, last = dossiers.content_of(dossier), dossier.read_now()
    same = last is not None and last.content == content
    changes = [*([] if same else [_next(dossier, DossierVersion)]), *_changes(dossier)]
    return told.of_dossier(dossier, content, changes, timezone.now())


def _changes(thing: Any) -> list[Any]:
    return list(thing.versions.was_public().order_by("-number").defer("content"))


def _next(thing: Any, kind: Any) -> Any:
    last = thing.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return kind(**{kind.of: thing}, number=last + 1, public_from=timezone.now())
