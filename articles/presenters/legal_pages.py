"""Links to the legal pages in the footer, forms and emails, and the text of a version that a reader agreed to."""

import json
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.models import Page, PageVersion, Purpose
from articles.models.pages import IN_FOOTER
from articles.presenters.pages import render_page
from articles.richtext.rendering import plain_text
from truthlytics.web.fragments import fragment

# What readers agree to, or should know, when they order, and when they sign up.
FOR_ORDERS = (Purpose.TERMS, Purpose.WITHDRAWAL, Purpose.PRIVACY)
FOR_ACCOUNTS = (Purpose.TERMS, Purpose.PRIVACY, Purpose.COMMENT_RULES)
FOR_EMAILS = (Purpose.IMPRINT, Purpose.PRIVACY)


def legal_links(purposes: tuple[Purpose, ...] = IN_FOOTER) -> list[tuple[str, str]]:
    """Return the labels and paths of the public pages with these purposes, in their order."""
    paths = dict(fragment("legal pages", make=_paths, tags=["policies"]))
    return [(str(purpose.label), paths[purpose]) for purpose in purposes if purpose in paths]


def _paths() -> tuple[tuple[str, str], ...]:
    pages = Page.objects.policies(timezone.now()).filter(purpose__in=IN_FOOTER)
    return tuple((page.purpose, page.get_absolute_url()) for page in pages)


class LegalText(NamedTuple):
    """A version of a page. `since` is when it became public; `plain` is the text without markup."""

    title: str
    html: SafeString
    plain: str
    since: datetime


def legal_text(version: PageVersion) -> LegalText | None:
    """Return the text of `version`, None if it was removed from the record."""
    if version.content is None:
        return None
    content = json.loads(version.content)
    rendered = render_page(content)
    # Safe: rendered from a sanitised body.
    html = mark_safe(rendered.free_html)  # noqa: S308
    return LegalText(content["headline"], html, plain_text(rendered.free_html), version.public_from)
