"""Assign newsroom roles."""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import User


def assignable_roles(by: User) -> QuerySet[Group]:
    """Return the roles that `by` may assign: only those with permissions that they hold."""
    roles = Group.objects.order_by("name")
    if by.is_superuser:
        return roles
    own_permissions = Permission.objects.filter(Q(group__user=by) | Q(user=by))
    missing = Permission.objects.exclude(pk__in=own_permissions.values("pk"))
    return roles.exclude(pk__in=Group.objects.filter(permissions__in=missing).values("pk"))


def role_change_refusal(user: User, *, by: User) -> str:
    """Return why `by` can't change the roles of `user`, or ""."""
    if user.pk == by.pk:
        return _("You can’t change your own roles. Ask another publisher.")
    if not user.is_active:
        return _("This account is deactivated. Reactivate it first.")
    if user.verified_at is None and user.has_usable_password():
        return _("The email address of this account isn’t confirmed yet.")
    return ""


@transaction.atomic
def set_roles(*, user: User, roles: Collection[Group], by: User) -> bool:
    """Set the roles of `user` to `roles`, among those that `by` may assign; others are unchanged.

    Any role gives newsroom access, none removes it. The user is notified by email. Returns False if nothing changed.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    assignable = set(assignable_roles(by))
    return _change(user, locked, (set(locked.groups.all()) - assignable) | (set(roles) & assignable))


@transaction.atomic
def add_roles(*, user: User, roles: Collection[Group], notify: bool = True) -> bool:
    """Give `user` these roles too, and with them newsroom access. Returns False if nothing changed.

    With `notify`, the user is notified by email.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    return _change(user, locked, set(locked.groups.all()) | set(roles), notify=notify)


def _change(user: User, locked: User, new_roles: set[Group], *, notify: bool = True) -> bool:
    if new_roles == set(locked.groups.all()) and locked.is_staff == bool(new_roles):
        return False
    locked.groups.set(new_roles)
    locked.is_staff = bool(new_roles)
    locked.save(update_fields=["is_staff"])
    if notify:
        emails.roles_changed(locked, sorted(group.name for group in new_roles))
    user.refresh_from_db()
    return True
