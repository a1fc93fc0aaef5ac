"""Admin page that assigns newsroom roles to a user."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from subscriptions.models import User
from subscriptions.services.roles import assignable_roles, role_change_refusal, set_roles
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.web.form_fields import SafeModelMultipleChoiceField, choice_field

GIVE_ROLE = "subscriptions.give_role"
# Descriptions of the built-in roles; custom roles show their name only.
DESCRIPTIONS = {
    "Author": gettext_lazy("writes drafts and submits them for review"),
    "Editor": gettext_lazy("edits and publishes all articles, the front page and media"),
    "Moderator": gettext_lazy("moderates comments"),
    "Support": gettext_lazy("helps readers with access, payments and refunds, and answers messages"),
    "Publisher": gettext_lazy("everything, including users, plans, payments and revenue"),
}


class RoleForm(forms.Form):
    roles = SafeModelMultipleChoiceField(
        Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Roles")
    )

    def __init__(self, *args: Any, assigner: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "roles").queryset = assignable_roles(assigner)
        self.fields["roles"].label_from_instance = _label  # type: ignore[attr-defined]


def _label(group: Group) -> str:
    description = DESCRIPTIONS.get(group.name)
    return f"{group.name}: {description}" if description else group.name


def roles_message(user: User) -> str:
    """Return the sentence that says which roles `user` has now."""
    roles = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    if not roles:
        return _("%(user)s has no role any more. We’ve told them by email.") % {"user": user}
    return _("%(user)s is now: %(roles)s. We’ve told them by email.") % {"user": user, "roles": roles}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Show and save a user's roles. 404 for users one may not see, 403 without permission to assign roles."""
    user: User | None = admin.get_object(request, str(pk))
    if user is None or not admin.has_view_permission(request, user):
        raise Http404("User not found.")
    if not request.user.has_perm(GIVE_ROLE):
        raise PermissionDenied
    assigner: Any = request.user
    refusal = role_change_refusal(user, by=assigner)
    if request.method == "POST" and refusal:
        raise PermissionDenied(refusal)
    form = RoleForm(
        request.POST if request.method == "POST" else None, assigner=assigner, initial={"roles": user.groups.all()}
    )
    if request.method == "POST" and form.is_valid():
        if set_roles(user=user, roles=form.cleaned_data["roles"], by=assigner):
            names = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
            message = _("Roles: %(names)s.") % {"names": names} if names else _("Roles removed.")
            admin.log_change(request, user, message)
            admin.message_user(request, roles_message(user), messages.SUCCESS)
        return redirect("admin:subscriptions_user_change", user.pk)
    context = admin.admin_site.each_context(request) | {
        "title": _("Newsroom roles"),
        "opts": admin.opts,
        "original": user,
        "form": form,
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/subscriptions/user/role.html", context, status=status)
