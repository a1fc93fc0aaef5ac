"""What the rooms of dossiers and of pages have in common: what stands on the site, and is published as articles are."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html

from articles.admin.editing.local_time import ahead
from articles.admin.formatting import badge, short_datetime
from articles.admin.publishing import publish
from articles.admin.publishing.publishing_admin import PublishingAdmin


class PublishableAdmin(PublishingAdmin):
    """A room adds what `publication` asks for, and what its own page shows."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        versions: Any = self.model._meta.get_field("versions").related_model
        made = models.Prefetch("versions", versions.objects.defer("content"))
        return super().get_queryset(request).prefetch_related(made)

    def get_urls(self) -> list[Any]:
        return publish.paths(self) + super().get_urls()

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        # The form's own widgets, all of them.
        return db_field.formfield(**kwargs)

    @admin.display(description="state")
    def state_badge(self, thing: Any) -> str:
        return self.badges(thing)

    @admin.display(description="edited", ordering="updated_at")
    def date(self, thing: Any) -> str:
        at = timezone.localtime(thing.updated_at)
        return format_html(
            '<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), short_datetime(thing.updated_at)
        )

    def badges(self, thing: Any) -> str:
        return badge(thing.state())

    def state_of(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        """What the panel shows of `thing`; None for one that is not there yet."""
        name, state = self.opts.verbose_name, thing.state() if thing else "draft"
        versions = thing.versions.order_by("-number").defer("content") if thing and thing.pk else ()
        return {
            "title": str(thing) if thing else f"New {name}",
            "subtitle": None,
            "state": state,
            "badge": badge(state),
            "may_publish": self.may_publish(request),
            "public": state in {"published", "changing"},
            "ends_at": ahead(thing) if thing else None,
            "versions": versions,
            "deletable": bool(thing) and not versions and self.has_delete_permission(request, thing),
        }

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the same page; with the main button on to publication."""
        room = f"admin:articles_{self.opts.model_name}"
        if "_publish" in request.POST and self.may_publish(request):
            return redirect(f"{room}_publish", obj.pk)
        said = "Saved. Readers see the change once you publish it." if obj.versions.exists() else "Saved."
        self.message_user(request, said, messages.SUCCESS)
        return redirect(f"{room}_change", obj.pk)

    def deletion_blocker(self, thing: Any) -> str:
        if not thing.versions.exists():
            return ""
        name = self.opts.verbose_name
        return f"This {name} was published, and what was published is kept: it cannot be deleted. Withdraw it instead."
