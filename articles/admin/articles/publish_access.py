"""Page that publishes the access of drafts after a bulk change, in articles with no other unpublished change."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from articles.access import Level
from articles.admin.articles import saved_filters
from articles.models import Article
from articles.services.bulk_edit import access_blocker, publish_access
from articles.services.publishing import NotReadyError
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.articles.changelist import ArticleListAdmin

URL = "admin:articles_article_publish_access"
MAX_ARTICLES = 100


def offer(articles: Iterable[Article], *, back: str) -> HttpResponse:
    """Redirect to the page for these articles. `back` is the query of the list that the user came from."""
    query = urlencode([*(("article", article.pk) for article in articles), ("back", saved_filters.normalise(back))])
    return redirect(f"{reverse(URL)}?{query}")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, admin: "ArticleListAdmin") -> HttpResponse:
    """List what each article changes from and to. POST publishes those in `publish`, such as "12-10" for level 10."""
    if not admin.may_publish(request):
        raise PermissionDenied
    back = saved_filters.normalise((request.POST or request.GET).get("back", ""))
    if request.method == "POST":
        _publish(request, admin)
        return saved_filters.redirect_to_list(back)
    pks = [pk for pk in map(parse_id, request.GET.getlist("article")[:MAX_ARTICLES]) if pk is not None]
    will, cannot = [], []
    for article in Article.objects.filter(pk__in=pks).order_by("-updated_at", "-pk"):
        if reason := access_blocker(article):
            cannot.append((article, reason))
        else:
            will.append((article, Level(article.access_levels().public or 0).label))
    urls = {"back": back, "list": reverse(saved_filters.LIST)}
    context = admin.view_context(request, title=_("Publish the new access"), will=will, cannot=cannot, **urls)
    return TemplateResponse(request, "admin/articles/article/publish_access.html", context)


def _publish(request: HttpRequest, admin: "ArticleListAdmin") -> None:
    """Publish each article in a transaction of its own, and tell the user which were published and which were not."""
    published, failed = 0, []
    for value in request.POST.getlist("publish")[:MAX_ARTICLES]:
        pk, level = (parse_id(part) for part in f"{value}-".split("-")[:2])
        article = Article.objects.filter(pk=pk).first() if pk is not None and level is not None else None
        if article is None or level is None:
            continue
        was = Level(article.access_levels().public or 0).label
        try:
            publish_access(article=article, required_level=level, by=user_of(request))
        except NotReadyError as error:
            failed.append(_("“%(article)s”: %(reason)s") % {"article": article, "reason": error})
        else:
            published += 1
            message = _("Published with other access: %(old)s → %(new)s.") % {"old": was, "new": Level(level).label}
            admin.log_change(request, article, message)
    if published:
        message = ngettext(
            "%(count)d article published with its new access.",
            "%(count)d articles published with their new access.",
            published,
        )
        admin.message_user(request, message % {"count": published}, messages.SUCCESS)
    if failed:
        admin.message_user(request, _("Not published: %s") % " ".join(failed), messages.WARNING)
