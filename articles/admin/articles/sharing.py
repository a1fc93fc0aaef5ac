"""Links by which somebody outside reads a draft: made, listed, taken back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.articles import remarks
from articles.admin.editing.autosave_api import to_be_changed
from articles.admin.formatting import long_datetime
from articles.forms.remarks import ShareForm
from articles.models import Article, ShareLink
from articles.seo.meta import absolute
from articles.services.sharing import Full, share

ON_A_PAGE = 100
ON_THE_DESK = 5


def paths(admin: Any) -> list[Any]:
    """The addresses of what is shown and said of a draft: links for outsiders, remarks."""

    def at(route: str, view: Callable[..., HttpResponseBase], name: str) -> Any:
        guarded = admin.admin_site.admin_view(partial(view, admin=admin))
        return path(f"<int:pk>/{route}", guarded, name=f"articles_article_{name}")

    return [
        at("sharing/", page, "sharing"),
        at("sharing/<int:link>/end/", end, "sharing_end"),
        at("remarks/", remarks.page, "remarks"),
        at("remarks/people/", remarks.people, "remarks_people"),
        at("remarks/<int:remark>/words/", remarks.own_words, "remark_words"),
        at("remarks/<int:remark>/removal/", remarks.removal, "remark_removal"),
        at("remarks/<int:opening>/replies/", remarks.answer, "remark_replies"),
        at("remarks/<int:opening>/resolution/", remarks.settle, "remark_resolution"),
    ]


def on_desk(article: Article, person: Any) -> dict[str, Any]:
    """What the side panel shows of links and remarks."""
    links = ShareLink.objects.open().filter(article=article).defer("article")
    return {"share_links": [*links[: ON_THE_DESK + 1]], "links_shown": ON_THE_DESK, **remarks.on_desk(article, person)}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """The links to this draft, and a form for another."""
    article = to_be_changed(admin, request, pk)
    form = ShareForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link = share(article=article, by=request.user, **form.cleaned_data)
        except Full as full:
            form.add_error(None, str(full))
        else:
            admin.log_change(request, article, f"Draft shared by a link until {long_datetime(link.until)}.")
            words = f"The link works until {long_datetime(link.until)}. Copy it below; whoever has it can read the draft."
            admin.message_user(request, words, messages.SUCCESS)
            return redirect("admin:articles_article_sharing", article.pk)
    now = timezone.now()
    found = ShareLink.objects.filter(article=article).select_related("revoked_by")[:ON_A_PAGE]
    context = admin.admin_site.each_context(request) | {
        "title": "Share this draft",
        "opts": admin.opts,
        "original": article,
        "form": form,
        "links": [(link, link.state(now), absolute(link.get_absolute_url())) for link in found],
        "withdrawn": article.state(now) == "withdrawn",
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/article/sharing.html", context, status=status)


@require_POST
def end(request: HttpRequest, pk: int, link: int, admin: Any) -> HttpResponse:
    """Take a link back: from now on it leads nowhere."""
    article = to_be_changed(admin, request, pk)
    found = get_object_or_404(ShareLink, pk=link, article=article)
    if found.state() == "open":
        found.revoke(by=request.user)
        admin.log_change(request, article, f"Link taken back: {found}.")
    admin.message_user(request, "The link is taken back. It leads nowhere any more.", messages.SUCCESS)
    return redirect("admin:articles_article_sharing", article.pk)
