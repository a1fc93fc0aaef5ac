"""Newsletters on the pages and in the forms of the site."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from articles.presenters.article import ArticleSummary
from subscriptions.models import User
from truthlytics.newsletters.models import KINDS, Address, Follow, Newsletter
from truthlytics.newsletters.presenters import choices_of
from truthlytics.newsletters.ticked import has_chosen
from truthlytics.publication.current import get_publication
from truthlytics.web.fragments import add_tags, fragment
from truthlytics.web.slots import show_in


@show_in("list_header")
def follow_link(request: HttpRequest, kind: str, slug: str) -> str:
    """Let readers follow what a page is about, or stop that. No query for visitors."""
    if kind not in KINDS:
        return ""
    context = {"kind": kind, "slug": slug, "is_followed": _follows(request, kind, slug)}
    return render_to_string("newsletters/_follow_link.html", context)


def _follows(request: HttpRequest, kind: str, slug: str) -> bool:
    if not request.user.is_authenticated:
        return False
    found = {f"{kind}__slug": slug}
    return Follow.objects.filter(address__user=request.user, address__follows_stopped_at=None, **found).exists()


@show_in("below_article")
def line(request: HttpRequest, article: ArticleSummary) -> str:
    """Offer the first newsletter; readers who are logged in get a link to all. One query."""
    if not get_publication().offers_newsletters:
        return ""
    known = request.user.is_authenticated

    def make() -> str:
        rows = list(Newsletter.objects.offered()[:2])
        context = {"newsletter": rows[0] if rows else None, "has_more": len(rows) > 1, "known": known}
        return render_to_string("newsletters/_line.html", context)

    return fragment("newsletter line", known, make=make, tags=["newsletters"])


@show_in("footer_links")
def link_to_all(request: None) -> str:
    add_tags("newsletters")
    return render_to_string("newsletters/_footer_link.html") if get_publication().offers_newsletters else ""


@show_in("footer")
def footer_form(request: None, known: bool) -> str:
    """Offer the first newsletter, but not to readers who are logged in (`known`). At most one query."""
    add_tags("newsletters")
    if known or not get_publication().offers_newsletters:
        return ""
    return render_to_string("newsletters/_footer_form.html", {"newsletter": Newsletter.objects.offered().first()})


@show_in("sign_up_form")
def box(request: HttpRequest) -> str:
    """Offer the first newsletter in a form of another app, unless the reader gets it or has ticked it before."""
    newsletter = Newsletter.objects.offered().first() if get_publication().offers_newsletters else None
    if newsletter is None or has_chosen(request, newsletter):
        return ""
    is_ticked = str(newsletter.pk) in request.POST.getlist("newsletters")
    return render_to_string("newsletters/_box.html", {"newsletter": newsletter, "is_ticked": is_ticked})


@show_in("emails")
def choices(request: HttpRequest, user: User) -> str:
    """Let a reader choose newsletters and what they follow, on the page of all their emails. Four queries."""
    found = choices_of(Address.objects.filter(user=user).first())
    context = {"choices": found, "is_confirmed": user.verified_at is not None}
    return render_to_string("newsletters/_account_choices.html", context, request)


@show_in("privacy_page")
def about_data(request: None) -> str:
    return render_to_string("newsletters/_privacy.html")
