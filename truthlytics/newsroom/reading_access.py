"""The page that explains why a reader can, or cannot, read an article."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.access import Level, decide
from articles.models import Article, Version
from articles.models.articles import ArticleQuerySet
from subscriptions.models import Grant, User
from subscriptions.services.access import STAFF, access_for
from subscriptions.services.sentences import day, state_sentence
from truthlytics.newsroom.article_lookup import MAX_ADDRESS, versions_at
from truthlytics.web.text import strip_control_characters

MAX_GRANTS, MAX_RECENT = 10, 30


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(partial(page, site=site))
    return [path("subscriptions/user/<int:pk>/access/", view, name="subscriptions_user_access")]


@require_safe
def page(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Answer for the article at `?article=`, which is an address of this site."""
    admin = site.get_model_admin(User)
    user: User | None = admin.get_object(request, str(pk))
    if user is None or not admin.has_view_permission(request, user):
        raise Http404("User not found.")
    if not request.user.has_perm("subscriptions.view_grant"):
        raise PermissionDenied
    now = timezone.now()
    address = strip_control_characters(request.GET.get("article", "")[:MAX_ADDRESS]).strip()
    version = versions_at([address], now).get(address) if address else None
    context = site.each_context(request) | {
        "title": _("Access to an article"),
        "opts": User._meta,
        "reader": user,
        "address": address,
        "version": version,
        "answer": answer(user, version, now) if version else None,
        "recent": [article.as_served(now) for article in _recent(now)],
    }
    return TemplateResponse(request, "admin/subscriptions/user/access.html", context)


def answer(user: User, version: Version, now: datetime) -> dict[str, object]:
    """Return whether `user` can read all of `version` at `now`, and the reasons as sentences.

    The decision is that of the article's page: `decide`, with the access of the middleware.
    """
    decision = decide(version, access_for(user, now))
    return {"allowed": decision.allowed, "reasons": [_needed(version), *_account(user, now), *_grants(user, now)]}


def _needed(version: Version) -> str:
    sentences = {
        Level.EVERYONE: _("The article is open to everyone."),
        Level.REGISTERED: _("The article needs an account with a confirmed email address."),
        Level.SUBSCRIBER: _("The article needs access as a subscriber."),
        Level.SUPPORTER: _("The article needs access as a supporter."),
    }
    return sentences[Level(version.required_level)]


def _account(user: User, now: datetime) -> Iterator[str]:
    if not user.is_active:
        yield _("The account is deactivated. It grants no access, even if paid for.")
        return
    if access_for(user, now).level == STAFF:
        yield _("The account belongs to the newsroom and may view all articles.")
    elif user.is_staff:
        yield _("The account belongs to the newsroom, without the permission to view articles.")
    if user.verified_at is None:
        yield _("The email address is not confirmed.")
    else:
        yield _("The email address was confirmed on %(day)s.") % {"day": day(user.verified_at)}


def _grants(user: User, now: datetime) -> Iterator[str]:
    grants = list(user.grants.all()[:MAX_GRANTS])
    if not grants:
        yield _("The reader has never had paid or complimentary access.")
    for grant in grants:
        yield _grant(grant, now)
    latest = user.subscriptions.select_related("price__plan", "next_price__plan").first()
    if latest is not None:
        yield f"{latest.price}: {state_sentence(latest)}"


def _grant(grant: Grant, now: datetime) -> str:
    values = {
        "level": grant.get_level_display(),
        "source": grant.get_source_display(),
        "start": day(grant.starts_at),
        "end": day(grant.ends_at),
        "by": grant.revoked_by or _("an editor"),
    }
    if grant.revoked_at is not None:
        values["revoked"] = day(grant.revoked_at)
        return _("%(level)s (%(source)s): revoked on %(revoked)s by %(by)s.") % values
    if grant.ends_at <= now:
        return _("%(level)s (%(source)s): ended on %(end)s.") % values
    if grant.starts_at > now:
        return _("%(level)s (%(source)s): begins on %(start)s.") % values
    return _("%(level)s (%(source)s): runs until %(end)s.") % values


def _recent(now: datetime) -> ArticleQuerySet:
    return Article.objects.listed(now).order_by("-published_at", "-pk")[:MAX_RECENT]
