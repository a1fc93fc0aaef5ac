"""Superseding a published correction that is wrong itself."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.publishing.actions import get_publishable_item, log_and_redirect
from articles.forms.corrections import SupersedeForm
from articles.models import ChangeKind, Correction
from articles.services.corrections import CorrectionError, obstacle, supersede
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def supersede_page(request: HttpRequest, pk: int, number: int, admin: "PublishingAdmin") -> HttpResponse:
    """Show the correction published with the version `number`; publish another in its place on POST."""
    article = get_publishable_item(admin, request, pk)
    corrections = Correction.objects.select_related("version__article", "made_by")
    correction = get_object_or_404(corrections, version__article=article, version__number=number)
    form = SupersedeForm(request.POST if request.method == "POST" else None, initial={"kind": correction.kind})
    problem = obstacle(correction)
    if request.method == "POST" and not problem and form.is_valid():
        try:
            supersede(correction=correction, by=user_of(request), **form.cleaned_data)
        except CorrectionError as error:
            form.add_error(None, str(error))
        else:
            return log_and_redirect(admin, request, article, _("The correction is superseded."))
    context = admin.view_context(
        request,
        title=_("Change this notice"),
        original=article,
        correction=correction,
        form=form,
        problem=problem,
        kinds=list(ChangeKind),
    )
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/article/supersede.html", context, status=status)
