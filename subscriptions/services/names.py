"""Display names: which are refused, and the review of new names of readers who have written comments."""

from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import NameChange, User
from truthlytics.web.lookalikes import mixes_scripts, skeleton, skeleton_words
from truthlytics.web.text import split_words

# Receivers return `(name, id of the user who can use it, or None)` for each name that readers may not imitate.
collect_protected_names = Signal()

# Names made of these words claim to speak for the publication. English and German.
ROLE_WORDS = split_words(
    "admin administrator administratorin editor editors editorial moderation moderator moderators moderatorin newsroom "
    "redakteur redakteurin redaktion staff webmaster"
)
_ROLES = frozenset(skeleton(word) for word in ROLE_WORDS)
MIN_PART = 8  # Shorter names, such as Ann, may be part of others.


def refuse_imitation(name: str, *, user: User | None = None) -> None:
    """Raise ValidationError if `name` looks like that of an author, of staff or of the publication, or claims a role.

    `user` is the account that wants the name. Authors may use their own name, and staff may name their role.
    """
    if mixes_scripts(name):
        raise ValidationError(_("Use the letters of one alphabet in each word of your name."), code="mixed_scripts")
    staff = user is not None and user.is_staff
    if not staff and any(not _ROLES.isdisjoint({*words, joined}) for words, joined in _readings(name)):
        raise ValidationError(
            _("This name sounds as if you worked for us. Choose one without words such as “editor” or “moderator”."),
            code="role",
        )
    own = user.pk if user is not None else None
    if any(owner is None or owner != own for protected, owner in protected_names() if imitates(name, protected)):
        raise ValidationError(
            _("This is, or looks like, the name of one of our authors or of our staff. Choose another name."),
            code="imitation",
        )


def imitates(name: str, protected: str) -> bool:
    """Return whether `name` looks like `protected`, contains it, or has all its words in any order."""
    whole, words = _appearance(protected)
    if not whole:
        return False
    for seen, joined in _readings(name):
        if joined == whole or (len(whole) >= MIN_PART and whole in joined) or (len(words) > 1 and words <= seen):
            return True
    return False


# Large archives have thousands of authors, and every name is compared with all of them.
@lru_cache(20_000)
def _appearance(protected: str) -> tuple[str, frozenset[str]]:
    words = skeleton_words(protected)
    return "".join(words), frozenset(words)


@lru_cache(100)
def _readings(name: str) -> list[tuple[frozenset[str], str]]:
    """How `name` looks, as words and as a whole: without the digits around words, and with digits read as letters."""
    readings = [skeleton_words(name), skeleton_words(name, outer_digits=True)]
    return [(frozenset(words), "".join(words)) for words in readings]


def protected_names() -> Iterable[tuple[str, int | None]]:
    """Return the names that are taken, each with the id of the user it belongs to."""
    yield from User.objects.filter(is_staff=True, is_active=True).values_list("display_name", "pk")
    for _receiver, names in collect_protected_names.send(sender=User):
        yield from cast(list[tuple[str, int | None]], names)


class ProtectedNames:
    """The names that are taken, found once, to look at many names."""

    def __init__(self) -> None:
        self._by_word: dict[str, set[str]] = {}
        self._wholes = set()
        for name in {name for name, _owner in protected_names()}:
            whole, words = _appearance(name)
            if whole:
                self._wholes.add(whole)
                for word in words:
                    self._by_word.setdefault(word, set()).add(name)
        self._long = [whole for whole in self._wholes if len(whole) >= MIN_PART]

    def are_imitated_by(self, name: str) -> bool:
        """Return whether readers may not have `name`, as `refuse_imitation` says."""
        if mixes_scripts(name):
            return True
        for words, joined in _readings(name):
            if joined in self._wholes or not _ROLES.isdisjoint({*words, joined}):
                return True
            if any(whole in joined for whole in self._long):
                return True
            if any(imitates(name, other) for word in words for other in self._by_word.get(word, ())):
                return True
        return False


def needs_review(user: User) -> bool:
    """Return whether a new name of `user` has to be approved: it would change the name on their comments."""
    return not user.is_staff and user.comments.exists()


@transaction.atomic
def change_name(*, user: User, name: str) -> bool:
    """Give `user` the display name `name`, or ask for it if they have written comments. Returns whether it applies.

    A second request replaces the first. Asking for the current name withdraws it.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if name == locked.display_name or not needs_review(locked):
        NameChange.objects.filter(user=locked).delete()
        locked.display_name = name
        locked.save(update_fields=["display_name"])
        return True
    NameChange.objects.update_or_create(user=locked, defaults={"name": name, "requested_at": timezone.now()})
    return False


@transaction.atomic
def approve_name(*, change: NameChange) -> bool:
    """Apply the new name and tell the reader. Returns False if it was decided or changed meanwhile."""
    locked = _locked(change)
    if locked is None:
        return False
    user = locked.user
    user.display_name = locked.name
    user.save(update_fields=["display_name"])
    locked.delete()
    emails.name_approved(user)
    return True


@transaction.atomic
def decline_name(*, change: NameChange) -> bool:
    """Keep the current name and tell the reader. Returns False if it was decided or changed meanwhile."""
    locked = _locked(change)
    if locked is None:
        return False
    locked.delete()
    emails.name_declined(locked.user, locked.name)
    return True


def _locked(change: NameChange) -> NameChange | None:
    changes = NameChange.objects.select_for_update(of=("self",)).select_related("user")
    return changes.filter(pk=change.pk, name=change.name).first()


def imitating_users() -> QuerySet[User]:
    """Return the readers with a name that looks like a protected one, for instance of an author added later."""
    protected = list(protected_names())
    keys = {skeleton(name) for name, _owner in protected} - {""}
    owners = [owner for _name, owner in protected if owner is not None]
    return User.objects.filter(name_key__in=keys | _ROLES, is_staff=False).exclude(pk__in=owners)
