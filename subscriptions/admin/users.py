"""Accounts. Who may make staff is guarded: roles have a page of their own, single rights are a superuser’s."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path

from subscriptions.admin import roles
from subscriptions.display_names import clean_display_name
from subscriptions.models import User
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.web.form_fields import SeveralRows

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class PersonForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("email", "display_name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """A new account gets no password: its owner logs in with a code sent to the address."""

    form = PersonForm
    list_display = ("email", "display_name", "roles", "member_since", "verified_at", "is_active")
    list_filter = ("is_staff", "is_active", "groups", ("verified_at", admin.EmptyFieldListFilter))
    search_fields = ("email", "display_name")
    ordering = ("-member_since",)
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "is_active")}),
        ("Newsroom", {"fields": RIGHTS}),
        ("Record", {"fields": ("member_since", "verified_at", "last_login")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request).prefetch_related("groups")
        return people if request.user.is_superuser else people.filter(is_superuser=False)

    @admin.display(description="role")
    def roles(self, person: User) -> str:
        names = ", ".join(group.name for group in person.groups.all())
        return names or ("staff" if person.is_staff else "–")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(partial(roles.page, admin=self))
        return [path("<int:pk>/role/", view, name="subscriptions_user_role"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"gives_roles": request.user.has_perm(roles.MAY)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The address of an account is changed by its owner, who confirms the new one."""
        fixed: tuple[str, ...] = ("member_since", "verified_at", "last_login")
        if obj is not None:
            fixed += ("email",)
        if not request.user.is_superuser:
            fixed += RIGHTS
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Locking out staff is a superuser's deed, and nobody locks out themselves by accident."""
        guarded = obj is not None and obj.is_staff and not request.user.is_superuser
        return not guarded and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, form_class=SeveralRows, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
