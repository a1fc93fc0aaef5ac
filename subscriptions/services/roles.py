"""Who has which place in the newsroom."""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from subscriptions import emails
from subscriptions.models import User


def givable(giver: User) -> QuerySet[Group]:
    """The roles that `giver` may give and take: nobody gives what they do not have themselves."""
    roles = Group.objects.order_by("name")
    if giver.is_superuser:
        return roles
    theirs = Permission.objects.filter(Q(group__user=giver) | Q(user=giver))
    beyond = Permission.objects.exclude(pk__in=theirs.values("pk"))
    return roles.exclude(pk__in=Group.objects.filter(permissions__in=beyond).values("pk"))


def why_not(person: User, *, giver: User) -> str:
    """A sentence that says why `giver` cannot change the roles of `person`; "" where they can."""
    if person.pk == giver.pk:
        return "Nobody changes their own roles. Ask another publisher."
    if not person.is_active:
        return "This account is shut. Open it first."
    if person.verified_at is None and person.has_usable_password():
        return "The address of this account is not confirmed, so nobody knows whose it is."
    return ""


@transaction.atomic
def give_roles(*, person: User, roles: Collection[Group], by: User) -> bool:
    """Let `person` have just those `roles` among what `by` may give; what is beyond that stays as it is.

    Who has any role may enter the newsroom, who has none may not. They are told in a letter. False where it was so.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    offered = set(givable(by))
    before = set(locked.groups.all())
    after = (before - offered) | (set(roles) & offered)
    if after == before and locked.is_staff == bool(after):
        return False
    locked.groups.set(after)
    locked.is_staff = bool(after)
    locked.save(update_fields=["is_staff"])
    emails.roles_changed(locked, sorted(group.name for group in after))
    person.refresh_from_db()
    return True
