"""What a page's working row is made of, for `drafts`, which keeps its history."""

from typing import Any

from django.http import QueryDict

from articles.models import Page, Purpose
from articles.revisions.fields import Typed
from articles.richtext.vocabulary import clean
from articles.services import pages, revisions
from truthlytics.web.text import without_controls

LONGEST: dict[str, int | None] = {
    name: getattr(Page._meta.get_field(name), "max_length", None) for name in ("headline", "standfirst", "body")
}


@revisions.content_now.register
def content_now(page: Page) -> dict[str, Any]:
    return pages.content_of(page) | {"slug": page.slug, "purpose": page.purpose}


@revisions.text_of_form.register
def text_of_form(page: Page, form: QueryDict, now: Typed | None = None) -> Typed:
    text = dict(now or revisions.text_now(page))
    for name in ("headline", "standfirst", "slug"):
        text[name] = " ".join(without_controls(str(form.get(name, text[name]))).split())
    text["slug"] = text["slug"] or page.slug
    text["body"] = clean(str(form.get("body", text["body"])))
    if form.get("purpose") in {"", *Purpose.values}:
        text["purpose"] = form["purpose"]
    return text


@revisions.content_with.register
def content_with(page: Page, text: Typed) -> dict[str, Any]:
    typed = ("headline", "standfirst", "body", "slug", "purpose")
    return content_now(page) | {name: text[name] for name in typed if name in text}


@revisions.write.register
def write(locked: Page, text: Typed) -> None:
    old_slug = locked.slug
    for name, longest in LONGEST.items():
        setattr(locked, name, text[name][:longest])
    locked.slug = text.get("slug", locked.slug)
    purpose = text.get("purpose", locked.purpose)
    if not purpose or not Page.objects.filter(purpose=purpose).exclude(pk=locked.pk).exists():
        locked.purpose = purpose
    locked.save()
    if locked.slug != old_slug and locked.versions.exists():
        pages.move(page=locked, old_slug=old_slug)
