"""Share links, by which people outside the newsroom read a draft."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import long_datetime
from articles.forms.remarks import ShareForm
from articles.models import Article, ShareLink
from articles.models.share_links import ShareLinkQuerySet
from articles.seo.meta import absolute_url
from articles.services.sharing import LimitReachedError, share
from truthlytics.web.users import user_of

MAX_LINKS = 100
MAX_IN_PANEL = 5


def paths(admin: BaseAdmin) -> list[URLPattern]:
    return [
        admin.view_path("<int:pk>/sharing/", page, "sharing"),
        admin.view_path("<int:pk>/sharing/<int:link>/end/", revoke, "sharing_end"),
    ]


def panel_context(article: Article) -> dict[str, object]:
    """Return the context of the editor's panel with share links."""
    links = ShareLink.objects.active().filter(article=article).defer("article")
    return {"share_links": [*links[: MAX_IN_PANEL + 1]], "links_shown": MAX_IN_PANEL}


def get_links(request: HttpRequest, pk: int, admin: BaseAdmin) -> tuple[Article, ShareLinkQuerySet, bool]:
    """Return the article, the links to it that the user may revoke, and whether they may create some.

    Users who cannot change the article, for example because it was scheduled since, keep their own links. Raises
    Http404 if they have none.
    """
    links = ShareLink.objects.filter(article=pk).select_related("article", "revoked_by")
    try:
        return get_changeable_item(admin, request, pk), links, True
    except Http404:
        own = links.filter(created_by=request.user.pk)
        if (first := own.first()) is None:
            raise
        return first.article, own, False


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """List the share links of a draft; POST creates one. Users who cannot change the article see their own links."""
    article, links, may_share = get_links(request, pk, admin)
    if request.method == "POST" and not may_share:
        raise Http404("There is no such article.")
    form = ShareForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link = share(article=article, by=user_of(request), **form.cleaned_data)
        except LimitReachedError as error:
            form.add_error(None, str(error))
        else:
            until = long_datetime(link.expires_at)
            admin.log_change(request, article, _("Created a share link, valid until %(until)s.") % {"until": until})
            message = _("Link created. It works until the draft is published, at most until %(until)s.") % {
                "until": until
            }
            admin.message_user(request, message, messages.SUCCESS)
            return redirect("admin:articles_article_sharing", article.pk)
    now = timezone.now()
    unpublished = set(links.before_publication(now).values_list("pk", flat=True))
    context = admin.view_context(
        request,
        title=_("Share this draft"),
        original=article,
        form=form if may_share else None,
        links=[
            (link, link.state(now), link.pk not in unpublished, absolute_url(link.get_absolute_url()))
            for link in links[:MAX_LINKS]
        ],
        withdrawn=article.state(now) == "withdrawn",
    )
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/article/sharing.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int, link: int, admin: BaseAdmin) -> HttpResponse:
    article, links, _may_share = get_links(request, pk, admin)
    share_link = get_object_or_404(links, pk=link)
    if share_link.state() == "open":
        share_link.revoke(by=user_of(request))
        admin.log_change(request, article, _("Revoked a share link: %(link)s.") % {"link": share_link})
    admin.message_user(request, _("Link revoked."), messages.SUCCESS)
    return redirect("admin:articles_article_sharing", article.pk)
