"""Newsletters on other pages, and a filter for their plain text."""

from typing import Any

from django import template

from subscriptions.models import User
from truthlytics.newsletters.campaigns import with_campaign
from truthlytics.newsletters.email_html import plain
from truthlytics.newsletters.models import Address, Follow, Newsletter
from truthlytics.newsletters.presenters import choices_of
from truthlytics.newsletters.ticked import has_chosen

register = template.Library()
register.filter("plain_email", plain)
register.filter("with_campaign", with_campaign)


@register.inclusion_tag("newsletters/_line.html")
def newsletter_line(known: bool) -> dict[str, object]:
    """Offer the first newsletter; readers who are logged in (`known`) get a link to all. One query."""
    rows = list(Newsletter.objects.offered()[:2])
    return {"newsletter": rows[0] if rows else None, "has_more": len(rows) > 1, "known": known}


@register.filter
def value_of(values: dict[int, object], key: int) -> Any:
    return values.get(key)


@register.simple_tag(takes_context=True)
def follows(context: Any, kind: str) -> bool:
    """Return whether the reader follows what this page, of a kind in KINDS, is about. No query for visitors."""
    user, match = context.get("user"), context["request"].resolver_match
    if not user or not user.is_authenticated:
        return False
    found = {f"{kind}__slug": match.kwargs.get("slug")}
    return Follow.objects.filter(address__user=user, address__follows_stopped_at=None, **found).exists()


@register.inclusion_tag("newsletters/_footer_form.html")
def newsletter_footer(known: bool) -> dict[str, object]:
    """Offer the first newsletter in the footer, but not to readers who are logged in (`known`). At most one query."""
    return {"newsletter": None if known else Newsletter.objects.offered().first()}


@register.inclusion_tag("newsletters/_box.html", takes_context=True)
def newsletter_box(context: Any) -> dict[str, object]:
    """Offer the first newsletter in a form of another app, unless the reader gets it or has ticked it before."""
    newsletter, request = Newsletter.objects.offered().first(), context.get("request")
    if newsletter is not None and request is not None and has_chosen(request, newsletter):
        newsletter = None
    submitted = request.POST.getlist("newsletters") if request is not None else []
    return {"newsletter": newsletter, "is_ticked": newsletter is not None and str(newsletter.pk) in submitted}


@register.inclusion_tag("newsletters/_account_choices.html", takes_context=True)
def article_emails(context: Any, user: User) -> dict[str, object]:
    """Let a reader choose newsletters and what they follow, on the page of all their emails. Four queries."""
    choices = choices_of(Address.objects.filter(user=user).first())
    return {"choices": choices, "is_confirmed": user.verified_at is not None, "csrf_token": context.get("csrf_token")}
