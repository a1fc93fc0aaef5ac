"""Admin for user accounts. Roles have their own page; single permissions are for superusers."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscriptions.admin import account_actions, invitations, roles
from subscriptions.admin.names import ImitationFilter
from subscriptions.admin.support import account_context
from subscriptions.display_names import clean_display_name
from subscriptions.models import User
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.web.form_fields import PlainCheckboxes, SafeModelMultipleChoiceField
from truthlytics.web.ids import parse_id
from truthlytics.web.long_lists import KeyPaginator
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.types import Choices

PERMISSION_FIELDS = ("is_staff", "is_superuser", "groups")


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        roles = Group.objects.order_by("name").values_list("pk", "name")
        return [*((str(pk), name) for pk, name in roles), ("none", _("No role"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "none":
            return queryset.filter(groups=None)
        pk = parse_id(self.value()) if self.value() else None
        return queryset if pk is None else queryset.filter(groups=pk)


class ConfirmedFilter(OptionFilter):
    title = _("email address")
    parameter_name = "confirmed"
    options = {"yes": (_("Confirmed"), Q(verified_at__isnull=False)), "no": (_("Not confirmed"), Q(verified_at=None))}


class UserForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("email", "display_name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])


class GroupedPermissions(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]
    """Permissions grouped by what they are about."""

    def __iter__(self) -> Iterator[Any]:
        for content_type, permissions in groupby(self.queryset, attrgetter("content_type")):
            yield capfirst(content_type.name), [self.choice(permission) for permission in permissions]


class PermissionsField(SafeModelMultipleChoiceField):
    iterator = GroupedPermissions

    def label_from_instance(self, obj: Permission) -> str:
        """Return the name in the language of the page: the stored one is English."""
        actions = {"add": _("Add"), "change": _("Change"), "delete": _("Delete"), "view": _("View")}
        action, _separator, model = obj.codename.partition("_")
        return str(actions[action]) if action in actions and model == obj.content_type.model else gettext(obj.name)


def permissions_field(db_field: Any, **kwargs: object) -> Any:
    """Return the form field of a relation to permissions."""
    permissions = Permission.objects.select_related("content_type").order_by("content_type", "pk")
    widget = PlainCheckboxes()
    return db_field.formfield(form_class=PermissionsField, queryset=permissions, widget=widget, **kwargs)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """New accounts have no password: users log in with a code sent by email."""

    uses_django_scripts = True
    purpose = _("Everyone with an account: readers, and those who work in the newsroom.")
    form = UserForm
    list_display = ("email", "display_name", "roles", "member_since", "verified_at", "is_active")
    list_filter = ("is_staff", "is_active", RoleFilter, ConfirmedFilter, ImitationFilter)
    search_fields = ("email", "display_name")
    ordering = ("-member_since", "-pk")
    list_per_page = 50
    paginator = KeyPaginator
    fieldsets = (
        (None, {"fields": ("email", "display_name", "is_active")}),
        (_("Newsroom"), {"fields": PERMISSION_FIELDS}),
        (_("Dates"), {"fields": ("member_since", "verified_at", "last_login")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request).prefetch_related("groups")
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        names = ", ".join(group.name for group in user.groups.all())
        return names or (gettext("staff") if user.is_staff else "–")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("invitation/", invitations.page, "invite"),
            self.view_path("<int:pk>/role/", roles.page, "role"),
            self.view_path("<int:pk>/extension/", account_actions.extend, "extend"),
            self.view_path("<int:pk>/notes/", account_actions.add_note, "note"),
            self.view_path("<int:pk>/sessions/<int:session>/", account_actions.end_session, "session"),
            self.view_path("<int:pk>/emails/<int:email>/", account_actions.resend, "resend"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        can_invite = request.user.has_perms([invitations.ADD, roles.GIVE_ROLE])
        return super().changelist_view(request, {"can_invite": can_invite} | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context: dict[str, object] = {
            "can_assign_roles": request.user.has_perm(roles.GIVE_ROLE),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        user = self.get_object(request, object_id) if request.method in ("GET", "HEAD") else None
        if user is not None and self.has_view_permission(request, user):
            context["account"] = account_context(
                user, request.user, may_change=self.has_change_permission(request, user)
            )
        context |= extra_context or {}
        return super().change_view(request, object_id, form_url, context)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Roles suffice for nearly everyone, so that single permissions come last and closed, for superusers only."""
        singles = (_("Single permissions"), {"fields": ("user_permissions",), "classes": ("collapse",)})
        return (*self.fieldsets, singles) if request.user.is_superuser else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Email addresses are read-only: users change and confirm their own."""
        readonly: tuple[str, ...] = ("member_since", "verified_at", "last_login")
        if obj is not None:
            readonly += ("email",)
        if not request.user.is_superuser:
            readonly += PERMISSION_FIELDS
        return readonly

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers may change staff accounts, and no one may lock themselves out."""
        protected = obj is not None and obj.is_staff and not request.user.is_superuser
        return not protected and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        field_class = SafeModelMultipleChoiceField
        if db_field.name == "user_permissions":
            return permissions_field(db_field, **kwargs)
        return super().formfield_for_manytomany(db_field, request, form_class=field_class, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
