"""Keys of the API in Settings → Connections."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from truthlytics.api.models import MAX_NAME_LENGTH, Key, Scope
from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.statistics import days
from truthlytics.web.plugins import api_reader_fields
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


def key_context(request: HttpRequest) -> dict[str, object]:
    """Return the keys of the publication, and a form for another one."""
    keys = Key.objects.of_publication().select_related("created_by")
    return {"keys": keys, "key_form": KeyForm(user=user_of(request))}


@require_POST
def add_key(request: HttpRequest, *, admin: Any) -> HttpResponse:
    """Make a key and show it on the page that answers: it is kept nowhere, not even until a next page."""
    check_permission(request)
    form = KeyForm(request.POST, user=user_of(request))
    if not form.is_valid():
        return admin.page(request, status=422, key_form=form)  # type: ignore[no-any-return]
    row, key = Key.objects.issue(**form.cleaned_data, created_by=user_of(request))
    after = {"name": row.name, "scopes": row.scopes}
    log_action(by=user_of(request), row=row, action=AuditEntry.Action.ADDED, after=after)
    return admin.page(request, new_key=key)  # type: ignore[no-any-return]


@require_POST
def revoke_key(request: HttpRequest, pk: int, *, admin: Any) -> HttpResponse:
    check_permission(request)
    key = get_object_or_404(Key.objects.of_publication(), pk=pk)
    with log_changes([key], by=user_of(request)):
        key.revoke(timezone.now())
    admin.message_user(request, _("“%(name)s” does not work any more.") % {"name": key.name})
    return redirect("admin:truthlytics_connectionsettings_changelist")
