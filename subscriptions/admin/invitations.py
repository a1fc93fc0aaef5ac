"""Admin page that invites someone to the newsroom."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from subscriptions.admin.roles import GIVE_ROLE, RoleForm, roles_message
from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.models import User
from subscriptions.services.invitations import Invited, invite
from subscriptions.services.roles import role_change_refusal
from truthlytics.audit.admin import AuditedAdmin

ADD = "subscriptions.add_user"


class InvitationForm(RoleForm):
    """An address, a name and roles. Refuses accounts with roles that `assigner` cannot change."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=gettext_lazy("Shown on their comments. They can change it. An existing account keeps its own."),
    )
    field_order = ("email", "display_name", "roles")

    def __init__(self, *args: object, assigner: Any, **kwargs: object) -> None:
        super().__init__(*args, assigner=assigner, **kwargs)
        self.assigner = assigner
        self.fields["roles"].required = True
        self.fields["roles"].error_messages["required"] = _("Choose at least one role.")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        existing = User.objects.filter(email__iexact=email).first()
        if existing is None:
            return email
        if existing.is_superuser and not self.assigner.is_superuser:
            raise ValidationError(_("There’s already an account with this address, which only superusers can change."))
        if refusal := role_change_refusal(existing, by=self.assigner):
            raise ValidationError(refusal)
        return email

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, admin: AuditedAdmin) -> HttpResponse:
    """Show the form and send the invitation. 403 without permission to add users and assign roles."""
    if not request.user.has_perms([ADD, GIVE_ROLE]):
        raise PermissionDenied
    assigner: Any = request.user
    form = InvitationForm(request.POST if request.method == "POST" else None, assigner=assigner)
    if request.method == "POST" and form.is_valid():
        # The snapshot for the audit log.
        if existing := User.objects.filter(email__iexact=form.cleaned_data["email"]).first():
            admin.get_object(request, str(existing.pk))
        try:
            invited = invite(**form.cleaned_data, by=assigner)
        except IntegrityError:
            # A double click: the first has created the account, which this one finds.
            invited = invite(**form.cleaned_data, by=assigner)
        _report(request, admin, invited)
        return redirect("admin:subscriptions_user_change", invited.user.pk)
    context = admin.admin_site.each_context(request) | {"title": _("Invite someone"), "opts": admin.opts, "form": form}
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/subscriptions/user/invite.html", context, status=status)


def _report(request: HttpRequest, admin: AuditedAdmin, invited: Invited) -> None:
    """Log what was done, and say it."""
    user = invited.user
    roles = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    if invited.created:
        admin.log_addition(request, user, _("Invited. Roles: %(roles)s.") % {"roles": roles})
    elif invited.emailed:
        admin.log_change(request, user, _("Invited. Roles: %(roles)s.") % {"roles": roles})
    waits = user.last_login is None and user.verified_at is None
    if waits and not invited.emailed:
        text = _("We’ve sent this invitation to %(email)s a moment ago, so it was not sent twice.")
        admin.message_user(request, text % {"email": user.email}, messages.INFO)
    elif waits:
        text = _("We’ve sent an invitation to %(email)s. The link in it works once, for seven days.")
        admin.message_user(request, text % {"email": user.email}, messages.SUCCESS)
    elif invited.emailed:
        text = _("There already is an account with this address.")
        admin.message_user(request, f"{text} {roles_message(user)}", messages.SUCCESS)
    else:
        text = _("%(user)s already has an account with these roles, so nothing was changed.")
        admin.message_user(request, text % {"user": user}, messages.INFO)
