"""Share links, by which people outside the newsroom read a draft."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import long_datetime
from articles.forms.remarks import ShareForm
from articles.models import Article, ShareLink
from articles.seo.meta import absolute_url
from articles.services.sharing import LimitReachedError, share

MAX_LINKS = 100
MAX_IN_PANEL = 5


def paths(admin: BaseAdmin) -> list[URLPattern]:
    return [
        admin.view_path("<int:pk>/sharing/", page, "sharing"),
        admin.view_path("<int:pk>/sharing/<int:link>/end/", revoke, "sharing_end"),
    ]


def panel_context(article: Article) -> dict[str, Any]:
    """Return the context of the editor's panel with share links."""
    links = ShareLink.objects.active().filter(article=article).defer("article")
    return {"share_links": [*links[: MAX_IN_PANEL + 1]], "links_shown": MAX_IN_PANEL}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """List the share links of a draft; POST creates one."""
    article = get_changeable_item(admin, request, pk)
    form = ShareForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link = share(article=article, by=request.user, **form.cleaned_data)
        except LimitReachedError as error:
            form.add_error(None, str(error))
        else:
            until = long_datetime(link.expires_at)
            admin.log_change(request, article, f"Created a share link, valid until {until}.")
            message = f"Link created. Anyone with the link can read the draft until {until}."
            admin.message_user(request, message, messages.SUCCESS)
            return redirect("admin:articles_article_sharing", article.pk)
    now = timezone.now()
    links = ShareLink.objects.filter(article=article).select_related("revoked_by")[:MAX_LINKS]
    context = admin.view_context(
        request,
        title="Share this draft",
        original=article,
        form=form,
        links=[(link, link.state(now), absolute_url(link.get_absolute_url())) for link in links],
        withdrawn=article.state(now) == "withdrawn",
    )
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/article/sharing.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int, link: int, admin: BaseAdmin) -> HttpResponse:
    article = get_changeable_item(admin, request, pk)
    share_link = get_object_or_404(ShareLink, pk=link, article=article)
    if share_link.state() == "open":
        share_link.revoke(by=request.user)
        admin.log_change(request, article, f"Revoked a share link: {share_link}.")
    admin.message_user(request, "Link revoked.", messages.SUCCESS)
    return redirect("admin:articles_article_sharing", article.pk)
