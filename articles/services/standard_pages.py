"""Pages that every publication needs, as drafts with a template text for the publisher to edit."""

import json
import re
from dataclasses import dataclass

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.models import Page, PageVersion, Purpose
from articles.richtext.vocabulary import clean
from truthlytics.publication import get_publication
from truthlytics.publication.language import site_language
from truthlytics.web.users import User

# What the publisher has to replace.
PLACEHOLDER = re.compile(r"\[[^\]]+\]")


@dataclass(frozen=True, slots=True)
class StandardPage:
    """Its text is the template `articles/standard_pages/<slug>.html`."""

    slug: str
    title: str | Promise
    standfirst: str | Promise
    purpose: str = ""


STANDARD_PAGES = (
    StandardPage("about", _("About us"), _("Who we are and how we work."), Purpose.ABOUT),
    StandardPage("terms", _("Terms"), _("What you buy, and what both of us can rely on.")),
    StandardPage("privacy", _("Privacy"), _("What this site knows about you and what it does not.")),
    StandardPage("comment-rules", _("Comment rules"), _("What we publish under our articles, and what we remove.")),
    StandardPage(
        "corrections-policy", _("Corrections policy"), _("How we correct mistakes, and how to report one."),
        Purpose.CORRECTIONS,
    ),
)  # fmt: skip


def missing_standard_pages() -> list[StandardPage]:
    """Return the standard pages that do not exist by URL or page type."""
    slugs, purposes = (
        set(Page.objects.values_list("slug", flat=True)),
        set(Page.objects.values_list("purpose", flat=True)),
    )
    return [page for page in STANDARD_PAGES if page.slug not in slugs and page.purpose not in purposes - {""}]


@site_language()
def unfinished_standard_pages() -> list[Page]:
    """Return the public standard pages that have the template’s text, or parts of it in square brackets."""
    texts = {page.slug: _template_text(page) for page in STANDARD_PAGES}
    served = PageVersion.objects.served().filter(page__slug__in=texts).select_related("page").order_by("page__slug")
    return [version.page for version in served if _is_unfinished(version, texts[version.page.slug])]


def _is_unfinished(version: PageVersion, template: str) -> bool:
    body = json.loads(version.content)["body"] if version.content is not None else ""
    return body == template or any(mark in body for mark in PLACEHOLDER.findall(template))


@site_language()
def placeholders_of(slug: str) -> list[str]:
    """Return what the publisher has to replace in the standard page with this slug, in its order."""
    return [mark for page in STANDARD_PAGES if page.slug == slug for mark in PLACEHOLDER.findall(_template_text(page))]


def _template_text(page: StandardPage) -> str:
    return clean(render_to_string(f"articles/standard_pages/{page.slug}.html", {"publication": get_publication()}))


@transaction.atomic
@site_language()
def create_standard_pages(*, by: User) -> list[Page]:
    """Create the missing standard pages as drafts, in the publication’s language, and return them."""
    return [
        Page.objects.create(
            slug=page.slug,
            headline=str(page.title),
            standfirst=str(page.standfirst),
            purpose=page.purpose,
            body=_template_text(page),
            created_by=by,
        )
        for page in missing_standard_pages()
    ]
