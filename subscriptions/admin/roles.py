"""The page on which somebody gets, or loses, a place in the newsroom."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from subscriptions.models import User
from subscriptions.services.roles import givable, give_roles, why_not
from truthlytics.web.form_fields import SeveralRows

MAY = "subscriptions.give_role"
# What each is for; a publication's own roles go by their name.
WORDS = {
    "Author": "writes own drafts and sends them to review",
    "Editor": "all articles, the front page and the library; publishes",
    "Moderator": "the conversation",
    "Publisher": "everything: people, plans and money too",
}


class RoleForm(forms.Form):
    roles = SeveralRows(Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Roles")

    def __init__(self, *args: Any, giver: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = givable(giver)  # type: ignore[attr-defined]
        self.fields["roles"].label_from_instance = _label  # type: ignore[attr-defined]


def _label(group: Group) -> str:
    words = WORDS.get(group.name)
    return f"{group.name}: {words}" if words else group.name


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """The roles of a person, to be ticked. 404 for whom one may not see, 403 for who may not give any."""
    person: User | None = admin.get_object(request, str(pk))
    if person is None or not admin.has_view_permission(request, person):
        raise Http404("There is no such person.")
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    giver: Any = request.user
    hindrance = why_not(person, giver=giver)
    if request.method == "POST" and hindrance:
        raise PermissionDenied(hindrance)
    form = RoleForm(
        request.POST if request.method == "POST" else None, giver=giver, initial={"roles": person.groups.all()}
    )
    if request.method == "POST" and form.is_valid():
        if give_roles(person=person, roles=form.cleaned_data["roles"], by=giver):
            names = ", ".join(person.groups.order_by("name").values_list("name", flat=True))
            admin.log_change(request, person, f"Roles: {names or 'none'}.")
            admin.message_user(request, f"{person} has a letter that says so.", messages.SUCCESS)
        return redirect("admin:subscriptions_user_change", person.pk)
    context = admin.admin_site.each_context(request) | {
        "title": "Place in the newsroom", "opts": admin.opts, "original": person, "form": form, "hindrance": hindrance,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/subscriptions/user/role.html", context, status=status)
