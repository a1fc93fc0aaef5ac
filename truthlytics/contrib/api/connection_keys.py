"""Keys of the API in Settings → Connections."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.contrib.api.models import MAX_NAME_LENGTH, Key, Scope
from truthlytics.newsroom.connection_settings import PAGE, connections_page
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.statistics import days
from truthlytics.web.plugins import api_reader_fields
from truthlytics.web.slots import show_in
from truthlytics.web.users import User, user_of

# The permissions that the maker of a key needs for each scope.
NEEDED = {
    Scope.ARTICLES: ["articles.view_article"],
    Scope.READERS: ["subscriptions.view_user", "subscriptions.view_subscription"],
    Scope.PAYMENTS: ["subscriptions.view_payment"],
    Scope.COMMENTS: ["comments.view_comment"],
    Scope.STATISTICS: [days.READS, days.SUBSCRIBERS, days.COMMENTS],
}


class KeyForm(forms.Form):
    prefix = "key"
    name = forms.CharField(label=gettext_lazy("What the key is for"), max_length=MAX_NAME_LENGTH)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What the key allows"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [scope for scope in Scope if user.has_perms(_needed(scope))]
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(scope.value, format_html("{} <code>{}</code>", scope.label, scope.value)) for scope in own]


def _needed(scope: Scope) -> list[str]:
    added = [field.permission for field in api_reader_fields()] if scope == Scope.READERS else []
    return [*NEEDED[scope], *added]


@show_in("connections")
def keys(request: HttpRequest) -> str:
    """Show the keys of the publication and a form for another one. `add_key` says what became of the one sent."""
    context = {
        "keys": Key.objects.of_publication(),
        "key_form": getattr(request, "refused_key_form", None) or KeyForm(user=user_of(request)),
        "new_key": getattr(request, "new_key", ""),
    }
    return render_to_string("admin/api/_keys.html", context, request)


def paths(site: AdminSite) -> list[URLPattern]:
    below = "truthlytics/connectionsettings/keys/"
    return [
        path(below, site.admin_view(add_key), name="add_api_key"),
        path(f"{below}<int:pk>/revocation/", site.admin_view(revoke_key), name="revoke_api_key"),
    ]


@require_POST
def add_key(request: HttpRequest) -> HttpResponse:
    """Make a key and show it on the page that answers: it is kept nowhere, not even until a next page."""
    check_permission(request)
    form = KeyForm(request.POST, user=user_of(request))
    if not form.is_valid():
        request.refused_key_form = form  # type: ignore[attr-defined]
        return connections_page(request, status=422)
    row, key = Key.objects.issue(**form.cleaned_data, created_by=user_of(request))
    after = {"name": row.name, "scopes": row.scopes}
    log_action(by=user_of(request), row=row, action=AuditEntry.Action.ADDED, after=after)
    request.new_key = key  # type: ignore[attr-defined]
    return connections_page(request)


@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    check_permission(request)
    key = get_object_or_404(Key.objects.of_publication(), pk=pk)
    with log_changes([key], by=user_of(request)):
        key.revoke(timezone.now())
    messages.info(request, _("“%(name)s” does not work any more.") % {"name": key.name})
    return redirect(PAGE)
