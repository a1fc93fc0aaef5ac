"""The page Settings → Design: a draft for each publisher with a preview, and all designs that were published."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from truthlytics.newsroom import design_preview
from truthlytics.newsroom.design_form import DesignForm
from truthlytics.newsroom.design_publishing import publish_design
from truthlytics.newsroom.settings_admin import PERMISSION, PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication import get_publication
from truthlytics.publication.design import style_sheet
from truthlytics.publication.design_editions import DesignDraft, DesignEdition
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of

PAGE = "admin:truthlytics_designsettings_changelist"
SHOWN_EDITIONS = 20


class DesignAdmin(PartAdmin):
    title = gettext_lazy("Design")
    page_name = gettext_lazy("Design")
    # For the command palette.
    fieldsets = [(gettext_lazy("Design"), {"fields": ["accent", "accent_dark"]})]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("", show, "changelist"),
            self.view_path("draft/", save_draft, "save_draft"),
            self.view_path("draft/removal/", discard_draft, "discard_draft"),
            self.view_path("publication/", publish, "publish"),
            self.view_path("editions/<int:pk>/restoration/", restore, "restore"),
            self.view_path("additional-css/removal/", turn_css_off, "turn_css_off"),
            self.view_path("preview/style.css", preview_css, "preview_css"),
            self.view_path("preview/<slug:name>/", preview, "preview_page", frameable=True),
        ]

    def page(self, request: HttpRequest, form: DesignForm, status: int = 200) -> HttpResponse:
        chosen = design_preview.chosen_in(request.GET)
        before = parse_id(request.GET.get("before", ""))
        published = DesignEdition.objects.filter(pk__lt=before) if before else DesignEdition.objects.all()
        editions = list(published.select_related("published_by")[: SHOWN_EDITIONS + 1])
        context = self.view_context(
            request,
            title=self.title,
            pages=settings_pages(self),
            form=form,
            draft=DesignDraft.objects.filter(user=user_of(request)).first(),
            live=get_publication().look,
            editions=editions[:SHOWN_EDITIONS],
            older=editions[SHOWN_EDITIONS - 1].pk if len(editions) > SHOWN_EDITIONS else None,
            chosen=chosen,
            rows=design_preview.rows_of(chosen),
        )
        return TemplateResponse(request, "admin/truthlytics/design.html", context, status=status)


def check_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


@require_safe
def show(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    check_permission(request)
    return admin.page(request, DesignForm(design=design_preview.draft_of(request)))


@require_POST
def save_draft(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    """Keep what was chosen, for the preview. Scripts get the problems as JSON."""
    check_permission(request)
    form = DesignForm(request.POST, design=design_preview.draft_of(request))
    if form.is_valid():
        content = {"content": form.design.as_json()}
        DesignDraft.objects.update_or_create(user=user_of(request), defaults=content)
    if not request.accepts("text/html"):
        return JsonResponse({"problems": form.problems})
    return admin.page(request, form, 422) if form.errors else redirect(PAGE)


@require_POST
def discard_draft(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    check_permission(request)
    DesignDraft.objects.filter(user=user_of(request)).delete()
    admin.message_user(request, _("Your draft is discarded. This is the design that readers see."))
    return redirect(PAGE)


@require_POST
def publish(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    check_permission(request)
    form = DesignForm(request.POST, design=design_preview.draft_of(request))
    if not form.is_valid():
        return admin.page(request, form, 422)
    edition = publish_design(design=form.design, by=user_of(request))
    admin.message_user(request, _("%(design)s is what readers see now.") % {"design": edition})
    return redirect(PAGE)


@require_POST
def restore(request: HttpRequest, pk: int, *, admin: DesignAdmin) -> HttpResponse:
    """Make a design that was published the draft."""
    check_permission(request)
    edition = get_object_or_404(DesignEdition, pk=pk)
    content = {"content": edition.design.as_json()}
    DesignDraft.objects.update_or_create(user=user_of(request), defaults=content)
    message = _("%(design)s is your draft now. Publish it to show it to readers.")
    admin.message_user(request, message % {"design": edition})
    return redirect(PAGE)


@require_POST
def turn_css_off(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    """Publish the design that readers see again, with its additional CSS turned off."""
    check_permission(request)
    publish_design(design=replace(get_publication().look, css_is_on=False), by=user_of(request))
    admin.message_user(request, _("The additional CSS is off. Its text is kept."))
    return redirect(PAGE)


@require_safe
def preview_css(request: HttpRequest, *, admin: DesignAdmin) -> HttpResponse:
    check_permission(request)
    css = style_sheet(design_preview.draft_of(request))
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@xframe_options_sameorigin
@require_safe
def preview(request: HttpRequest, name: str, *, admin: DesignAdmin) -> HttpResponse:
    """Render a page for readers with the draft. Nothing is cached, and no one else sees it."""
    check_permission(request)
    if name not in design_preview.OPTIONS["page"][1]:
        raise Http404("There is no such page.")
    return design_preview.render_page(request, name)
