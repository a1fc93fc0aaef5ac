"""Base admin of everything that is published: articles, dossiers and pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from articles.admin.base import BaseAdmin
from articles.admin.editing import checks, previews
from articles.admin.publishing import actions, expiry, publish, redaction
from articles.services import publishing
from truthlytics.audit.admin import View


class PublishingAdmin(BaseAdmin):
    """Adds preview, publish, unschedule, withdraw, restore and expiry pages to an admin.

    Subclasses implement `findings` and `publish_context`.
    """

    # Returns the badges of an item's state.
    badges: Callable[..., str]

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"articles.publish_{self.opts.model_name}"))

    def may_redact(self, request: HttpRequest) -> bool:
        """Return whether the user may remove texts from the record. By default, only publishers may."""
        return bool(self.may_publish(request) and request.user.has_perm("articles.redact_version"))

    def findings(self, item: Any) -> checks.CheckResults:
        """Return what the checks find in the working text of `item`."""
        raise NotImplementedError

    def publish_context(self, item: Any) -> dict[str, object]:
        """Return what the publish page shows of `item`.

        `facts` is a list of (label, value). Optional: `standfirst`, `hint`, `comparison` with what readers have, `lead`
        (the lead image, see `as_json`) and `share_card` (image, title and description of a shared link).
        """
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[View, str]] = {
            "preview/": (previews.preview_page, "preview"),
            "publish/": (publish.publish_page, "publish"),
            "unschedule/": (actions.unschedule_page, "unschedule"),
            "withdraw/": (expiry.withdraw_page, "withdraw"),
            "restore/": (actions.restore_page, "restore"),
            "end/": (expiry.expiry_page, "end"),
            "keep/": (expiry.cancel_expiry_page, "keep"),
        }
        framed = self.view_path("<int:pk>/preview/page/", previews.preview_frame, "preview_page", frameable=True)
        paths = [self.view_path(f"<int:pk>/{route}", *view) for route, view in views.items()]
        paths.append(self.view_path("<int:pk>/versions/<int:number>/redact/", redaction.redact_page, "redact"))
        return [framed, *paths, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_redact"] = self.may_redact(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay on the page, or with the "Publish…" button continue to the publish page."""
        url_name = f"admin:articles_{self.opts.model_name}"
        if "_publish" in request.POST and self.may_publish(request):
            return redirect(f"{url_name}_publish", obj.pk)
        self.message_user(request, self.saved_message(obj), messages.SUCCESS)
        return redirect(f"{url_name}_change", obj.pk)

    def saved_message(self, obj: Any) -> str:
        """Say that the text was saved, and what of it readers see already."""
        if not obj.url_is_public:
            return _("Saved.")
        version = obj.served_version() or obj.scheduled_version()
        differs = version is None or publishing.differs(obj, version)
        if getattr(obj, "url_changed", False):
            message = _("Saved. The new URL applies at once, and the old one redirects to it.")
            return f"{message} {_('Readers see the other changes once you publish them.')}" if differs else message
        return _("Saved. Readers see the change once you publish it.") if differs else _("Saved.")

    def deletion_blocker(self, obj: Any) -> str | Promise:
        if not obj.versions.exists():
            return ""
        return _("This %(verbose_name)s has been published, so it cannot be deleted. You can withdraw it instead.") % {
            "verbose_name": self.opts.verbose_name
        }
