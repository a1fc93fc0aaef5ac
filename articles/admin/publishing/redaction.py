"""Removing the text of a published version from the record."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.context import as_json
from articles.admin.publishing.actions import get_publishable_item, log_and_redirect
from articles.forms.redaction import RedactionForm
from articles.models.publishable import reader_number
from articles.services.redaction import RedactionError, effects, obstacle, redact
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def redact_page(request: HttpRequest, pk: int, number: int, admin: "PublishingAdmin") -> HttpResponse:
    """Show what removing the text of the version `number` concerns, and what stays; remove it on POST."""
    item = get_publishable_item(admin, request, pk)
    if not admin.may_redact(request):
        raise PermissionDenied
    version = get_object_or_404(item.versions.was_public(), number=number)
    found = effects(item, version)
    form = RedactionForm(request.POST if request.method == "POST" else None, images=found.images)
    problem = obstacle(item, version, "-")
    if request.method == "POST" and not problem and form.is_valid():
        data = form.cleaned_data
        images = [image for image in found.images if str(image.pk) in data["images"]]
        try:
            redact(
                item=item,
                version=version,
                reason=data["reason"],
                by=user_of(request),
                revisions=data["revisions"],
                images=images,
            )
        except RedactionError as error:
            form.add_error(None, str(error))
        else:
            shown = reader_number(item.versions, number)
            message = _("The text of version %(number)s was removed.") % {"number": shown}
            return log_and_redirect(admin, request, item, message)
    context = admin.view_context(
        request,
        title=_("Remove a text from the record"),
        original=item,
        version=version,
        number=reader_number(item.versions, number),
        effects=found,
        images=[as_json(image) for image in found.images],
        chosen=request.POST.getlist("images"),
        form=form,
        problem=problem,
    )
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/redact.html", context, status=status)
