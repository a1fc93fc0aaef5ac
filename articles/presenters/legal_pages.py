"""Links to the public pages that the footer, forms and emails refer to, such as the imprint and the terms."""

from django.utils import timezone

from articles.models import Page, Purpose
from articles.models.pages import IN_FOOTER
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
