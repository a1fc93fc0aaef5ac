"""The page that copies an article to a new draft."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.forms.articles import free_slug
from articles.models import Article
from articles.services.duplicate import duplicate
from truthlytics.web.users import user_of


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Say what is copied and what is not; POST makes the copy."""
    article: Article = get_changeable_item(admin, request, pk)
    if not admin.has_add_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        copy = duplicate(
            article=article, slug=free_slug(article.headline, language=article.language), by=user_of(request)
        )
        admin.log_addition(request, copy, _("Copied from “%(article)s”.") % {"article": article})
        message = _(
            "Copied to a new draft: the text, images, section, topics, authors, access and search details. Versions, "
            "comments, remarks and the URL were not copied."
        )
        admin.message_user(request, message, messages.SUCCESS)
        return redirect("admin:articles_article_change", copy.pk)
    text = _(
        "A new draft gets the text, images, section, topics, authors, access and search details as last saved, and "
        "its own URL. Not copied: versions, comments, remarks, share links, workflow, and its place in a series."
    )
    context = admin.view_context(request, title=_("Duplicate"), original=article, text=text, button=_("Duplicate"))
    return TemplateResponse(request, "admin/articles/action.html", context)
