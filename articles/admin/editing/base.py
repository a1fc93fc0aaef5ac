"""Base admin of what is written in the editor: articles and pages."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern

from articles.admin.editing import autosave_api, checks, draft_comparison, edit_conflicts, history, merge_conflict
from articles.admin.publishing.base import PublishingAdmin
from articles.services import change_kinds, redirects, revisions
from truthlytics.audit.admin import View
from truthlytics.web.users import user_of

AUTOSAVE_VIEWS = ("begin", "autosave", "presence", "drop", "compare")


class EditorAdmin(PublishingAdmin):
    """Adds autosave, conflict handling, history and checks. The form must be an `EditorForm`."""

    # `changeform_view` retries, and recognises a form that was submitted twice.
    retry_on_integrity_error = False
    # Lists only the number of related rows: bylines, topics and presence mean nothing to users.
    delete_confirmation_max_display = 0

    @property
    def unaudited_url_names(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset(f"articles_{self.opts.model_name}_{name}" for name in AUTOSAVE_VIEWS)

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[View, str]] = {
            "autosave/": (autosave_api.create_view, "begin"),
            "token/": (autosave_api.token_view, "token"),
            "back/": (autosave_api.login_done_view, "back"),
            "<int:pk>/autosave/": (autosave_api.autosave_view, "autosave"),
            "<int:pk>/presence/": (autosave_api.presence_view, "presence"),
            "<int:pk>/compare/": (draft_comparison.compare_page, "compare"),
            "<int:pk>/merge/": (merge_conflict.merge_page, "merge"),
            "<int:pk>/merge/drop/": (autosave_api.discard_view, "drop"),
            "<int:pk>/history/": (history.history_page, "history"),
            "<int:pk>/history/<slug:key>/": (history.revision_page, "save"),
            "<int:pk>/checks/": (checks.checks_fragment, "checks"),
        }
        return [self.view_path(route, *view) for route, view in views.items()] + super().get_urls()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"key": uuid4()}

    def findings(self, item: Any) -> checks.CheckResults:
        return checks.check_results(item, revisions.current_fields(item), corrected=change_kinds.corrected_terms(item))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        if object_id is None and request.method == "POST" and (created := self._created_by_form(request)):
            object_id = str(created.pk)
        respond = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            if object_id is not None and request.method == "POST":
                return edit_conflicts.save_checked(self, request, object_id, respond)
            return respond()
        except IntegrityError:
            # Another request took the URL, or submitted this very form, in between. Now the form can report it.
            if object_id is None and (created := self._created_by_form(request)):
                return redirect(f"admin:articles_{self.opts.model_name}_change", created.pk)
            return respond()

    def _created_by_form(self, request: HttpRequest) -> Any:
        """Return the item that this very form has created already: by autosave, or by a double click."""
        try:
            key = UUID(request.POST.get("key", ""))
        except ValueError:
            return None
        item = self.model._default_manager.filter(uuid=key, created_by=request.user.pk).first()
        if item is None:
            return None
        same = item.headline == " ".join(request.POST.get("headline", "").split())
        return item if same or item.is_placeholder else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = user_of(request)
            key = form.cleaned_data.get("key")
            if key and not self.model._default_manager.filter(uuid=key).exists():
                obj.uuid = key
        super().save_model(request, obj, form, change)
        obj.url_changed = change and "slug" in form.changed_data and obj.url_is_public
        if change and "slug" in form.changed_data:
            redirects.slug_changed(item=obj, old_slug=form.initial["slug"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            formset.save_order()
        edit_conflicts.record_save(request, form.instance)
