"""Pages that every publication needs, as drafts with a template text for the publisher to edit."""

import json
import re
from dataclasses import dataclass

from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.models import Page, PageVersion, Purpose
from articles.models.pages import IN_FOOTER, REQUIRED_TO_SELL
from articles.richtext.vocabulary import clean, parse
from articles.services import legal_texts
from truthlytics.publication import get_publication
from truthlytics.publication.language import site_language
from truthlytics.web.users import User

# What the publisher has to replace.
PLACEHOLDER = re.compile(r"\[[^\]]+\]")
# The same in a page that the publisher wrote: not “[sic]” or “[1]”, but several words.
INSTRUCTION = re.compile(r"\[[^\[\]]*\w\s+\w[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class StandardPage:
    """Its text is the template `articles/standard_pages/<slug>.html`."""

    slug: str
    title: str | Promise
    standfirst: str | Promise
    purpose: str = ""


STANDARD_PAGES = (
    StandardPage("imprint", _("Imprint"), _("Who publishes this site."), Purpose.IMPRINT),
    StandardPage("about", _("About us"), _("Who we are and how we work."), Purpose.ABOUT),
    StandardPage("terms", _("Terms"), _("What you buy, and what both of us can rely on."), Purpose.TERMS),
    StandardPage(
        "withdrawal", _("Right of withdrawal"), _("How to withdraw from a contract within 14 days."), Purpose.WITHDRAWAL
    ),
    StandardPage("privacy", _("Privacy"), _("What this site knows about you and what it does not."), Purpose.PRIVACY),
    StandardPage(
        "comment-rules",
        _("Comment rules"),
        _("What we publish under our articles, and what we remove."),
        Purpose.COMMENT_RULES,
    ),
    StandardPage(
        "corrections-policy",
        _("Corrections policy"),
        _("How we correct mistakes, and how to report one."),
        Purpose.CORRECTIONS,
    ),
)


def missing_standard_pages() -> list[StandardPage]:
    """Return the standard pages that do not exist by URL or page type."""
    slugs, purposes = (
        set(Page.objects.values_list("slug", flat=True)),
        set(Page.objects.values_list("purpose", flat=True)),
    )
    return [page for page in STANDARD_PAGES if page.slug not in slugs and page.purpose not in purposes - {""}]


def untouched_standard_pages() -> models.QuerySet[Page]:
    """Return the standard pages that no one has edited or published: they have the text of the template."""
    slugs = [page.slug for page in STANDARD_PAGES]
    return Page.objects.filter(slug__in=slugs, revision_number=0, versions=None)


def missing_required_pages() -> list[Page]:
    """Return the pages that a publication needs to sell and that are not public, unsaved where there is no draft."""
    public = PageVersion.objects.served_for(*REQUIRED_TO_SELL).values_list("page__purpose", flat=True)
    missing = [purpose for purpose in REQUIRED_TO_SELL if purpose not in public]
    drafts = {page.purpose: page for page in Page.objects.filter(purpose__in=missing).defer("body")}
    return [drafts.get(purpose) or Page(purpose=purpose, headline=str(purpose.label)) for purpose in missing]


@site_language()
def unfinished_standard_pages() -> list[Page]:
    """Return the public standard pages that have the template’s text, or parts of it in square brackets.

    Also the terms if they say something else about cancelling than Settings → Contracts does.
    """
    texts = {page.slug: _template_text(page) for page in STANDARD_PAGES}
    served = PageVersion.objects.served().filter(page__slug__in=texts).select_related("page").order_by("page__slug")
    return [version.page for version in served if _is_unfinished(version, texts[version.page.slug])]


def _is_unfinished(version: PageVersion, template: str) -> bool:
    body = json.loads(version.content)["body"] if version.content is not None else ""
    is_unchanged = body == legal_texts.fill(template, purpose=version.page.purpose)
    return (
        is_unchanged
        or any(mark in body for mark in PLACEHOLDER.findall(template))
        or bool(legal_texts.contradictions(body, purpose=version.page.purpose))
    )


@site_language()
def placeholders_in(*, slug: str, purpose: str, body: str) -> list[str]:
    """Return what the publisher has to replace in the text of a page, in square brackets, in its order.

    In pages that readers rely on, such as the terms, that is any text of several words in brackets.
    """
    templates = [page for page in STANDARD_PAGES if page.slug == slug or (purpose and page.purpose == purpose)]
    marks = [mark for page in templates for mark in PLACEHOLDER.findall(_template_text(page)) if mark in body]
    if purpose in IN_FOOTER:
        marks += INSTRUCTION.findall(" ".join(parse(body).text_content().split()) if body else "")
    if purpose == Purpose.WITHDRAWAL:
        marks += legal_texts.official_gaps(body)
    return list(dict.fromkeys(marks))


def _template_text(page: StandardPage) -> str:
    """Return its text with all gaps, also those that Settings can fill."""
    context = {
        "publication": get_publication(),
        "cancelling": legal_texts.cancellation_sentence(),
        "request": None,  # for slots
    }
    return clean(render_to_string(f"articles/standard_pages/{page.slug}.html", context))


@site_language()
def has_our_words(page: Page) -> bool:
    """Whether the draft of a page on withdrawal has words of our own, which are not the model text of the law."""
    templates = [known for known in STANDARD_PAGES if known.purpose == Purpose.WITHDRAWAL == page.purpose]
    return any(legal_texts.has_our_words(page.body, _template_text(known)) for known in templates)


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
            body=legal_texts.fill(_template_text(page), purpose=page.purpose),
            created_by=by,
        )
        for page in missing_standard_pages()
    ]
