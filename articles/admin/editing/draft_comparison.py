"""A draft that only the browser has, compared with what is saved."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.models import Autosave
from articles.services import autosave, revisions


@require_POST
def compare_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Compare the posted form fields of the editor with the saved text. Nothing is stored."""
    item = get_changeable_item(admin, request, pk)
    saved = revisions.current_fields(item)
    draft = autosave.form_of(Autosave(form_data=autosave.serialise(request.POST)))
    context = admin.view_context(
        request,
        title=_("Draft in this browser"),
        original=item,
        comparison=revisions.compare_in_library(saved, revisions.fields_from_form(item, draft, saved)),
    )
    return TemplateResponse(request, "admin/articles/article/draft_comparison.html", context)
