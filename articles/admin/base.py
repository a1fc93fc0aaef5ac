"""What every room of the newsroom has in common."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from truthlytics.audit.admin import AuditedAdmin

# A shape and a word each; colour is only the third sign.
STATES = {
    "draft": ("○", "Draft"),
    "scheduled": ("◷", "Scheduled"),
    "published": ("●", "Published"),
    "changing": ("◐", "Change waits"),
    "withdrawn": ("×", "Withdrawn"),
    # Of the work on it, as it stands beside what readers see.
    "review": ("◔", "In review"),
    "ready": ("◕", "Ready"),
}


def badge(state: str) -> str:
    """The state of an article as shape, word and colour."""
    shape, word = STATES[state]
    return format_html('<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>', state, shape, word)


def badge_of(article: Any, now: Any = None) -> str:
    """What readers have of an article and, where work on it is under way, how far that is."""
    state = article.state(now)
    work = badge(article.stage) if article.stage in {"review", "ready"} else ""
    if state == "draft":
        return work or badge(state)
    return format_html("{} {}", badge(state), work) if work else badge(state)


def moment(at: Any) -> str:
    """A day, a time and the zone it is meant in."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'l j F Y, H:i')} {local.tzname()}"


def when(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def plain(field: Any) -> Any:
    """The form field without the icons that open a second window."""
    if field is not None and hasattr(field.widget, "widget"):
        field.widget = field.widget.widget
    return field


class BaseAdmin(AuditedAdmin):
    """No bulk actions; and what is not there, or not for this person, is 404 rather than a walk to the index."""

    actions: Any = None
    show_full_result_count = False
    list_per_page = 50
    # Whether a form that came to the same name or file in the same moment as another's is looked at once more.
    looks_again = True

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        once = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            return once()
        except IntegrityError:
            if not self.looks_again:
                raise
            return once()  # somebody took it in between: now the form can say so

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        # The form's own widgets, as they are: the admin would put its own in their place.
        if db_field.name in getattr(getattr(self.form, "Meta", None), "widgets", ()):
            return db_field.formfield(**kwargs)
        return plain(super().formfield_for_dbfield(db_field, request, **kwargs))

    def why_kept(self, thing: Any) -> str:
        """A sentence where `thing` cannot be deleted, whoever asks; else ""."""
        return ""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        thing = self.get_object(request, object_id)
        if self.has_delete_permission(request, thing) and (why := self.why_kept(thing)):
            self.message_user(request, why, messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", thing.pk)
        return super().delete_view(request, object_id, extra_context)


class CustomViewsMixin(BaseAdmin):
    """No list and no form of rows, but pages of its own at /admin/<under>/, each called with `room`."""

    under: str
    permission: str

    def pages(self) -> list[tuple[str, Callable[..., HttpResponse], str]]:
        """What stands behind /admin/<under>/, the view, and the name of the address."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        return []

    def room_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path(f"{self.under}/{way}", view(self._guarded(page)), name=name) for way, page, name in self.pages()]

    def _guarded(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(self.permission):
                raise PermissionDenied
            return view(request, room=self, **kwargs)

        return inner
