"""Undo an import of readers: remove what it made, and nothing that readers or the newsroom have done since."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from subscriptions.models import AccountNote, Grant, User
from truthlytics.contrib.importers.models import ImportedReader, ImportRun
from truthlytics.contrib.importers.readers.importing import ShowProgress
from truthlytics.newsletters.models import Address, Delivery, Follow, FollowedEmail, ProviderEvent, SignUp

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class ReadersOutlook:
    """What undoing a run removes: accounts, sign-ups, access, notes; and how many of its accounts stay."""

    accounts: int
    sign_ups: int
    access: int
    notes: int
    kept: int


def outlook(run: ImportRun) -> ReadersOutlook:
    """Return what undoing `run` would remove, as far as the accounts themselves show it."""
    made = [row.made for row in ImportedReader.objects.filter(run=run).only("made").iterator(chunk_size=5000)]
    accounts = [row["account"] for row in made if "account" in row]
    unused = sum(_unused(ids).count() for ids in batched(accounts, BATCH_SIZE))
    return ReadersOutlook(
        accounts=unused,
        sign_ups=sum("sign_up" in row for row in made),
        access=sum(len(row.get("grants", ())) for row in made),
        notes=sum("note" in row for row in made),
        kept=len(accounts) - unused,
    )


def undo_readers(run: ImportRun, progress: ShowProgress) -> None:
    """Remove what `run` made. Safe to call again after an interruption.

    Accounts stay if their owners have logged in, or if anything else here refers to them. Access that was revoked stays
    on record, and a sign-up that emails were sent for ends instead of vanishing: it is the proof that they were wanted.
    """
    rows = ImportedReader.objects.filter(run=run)
    total, done = rows.count(), 0
    # The last rows first, because a later row may have completed the account of an earlier one.
    while batch := list(rows.order_by("-pk")[:BATCH_SIZE]):
        with transaction.atomic():
            _remove(batch)
            ImportedReader.objects.filter(pk__in=[row.pk for row in batch]).delete()
        done += len(batch)
        progress(done, total)


def _remove(batch: list[ImportedReader]) -> None:
    made = [row.made for row in batch]
    grants = [pk for row in made for pk in row.get("grants", ())]
    Grant.objects.filter(pk__in=grants, revoked_at=None).delete()
    AccountNote.objects.filter(pk__in=_ids(made, "note")).delete()
    _remove_sign_ups(_ids(made, "sign_up"))
    unused = Address.objects.filter(pk__in=_ids(made, "address")).exclude(_has_rows())
    unused.delete()
    accounts = list(_unused(_ids(made, "account")).values_list("pk", flat=True))
    removed = accounts and _without_rows(accounts, linked=_ids(made, "linked"))
    if removed:
        # Addresses that were here before lose the account, and stay.
        Address.objects.filter(user__in=removed).update(user=None)
        ImportedReader.objects.filter(user__in=removed).update(user=None)
        User.objects.filter(pk__in=removed).delete()
    _take_back_names(batch)


def _ids(made: list[dict[str, Any]], key: str) -> list[int]:
    return [row[key] for row in made if key in row]


def _remove_sign_ups(ids: list[int]) -> None:
    imported = SignUp.objects.filter(pk__in=ids, source=SignUp.Source.IMPORT)
    was_sent = Exists(Delivery.objects.filter(address=OuterRef("address")))
    imported.filter(~was_sent, ended_at=None).delete()
    imported.filter(was_sent).active().update(ended_at=timezone.now())


def _has_rows() -> models.Q:
    """Return the condition that something refers to an address for newsletters."""
    related: tuple[Any, ...] = (SignUp, Delivery, Follow, FollowedEmail, ProviderEvent)
    condition = models.Q()
    for model in related:
        condition |= models.Q(Exists(model.objects.filter(address=OuterRef("pk"))))
    return condition


def _unused(ids: Any) -> Any:
    """Return the accounts among `ids` that were never opened, and have no role in the newsroom."""
    return User.objects.filter(
        pk__in=list(ids), last_login=None, verified_at=None, is_staff=False, is_superuser=False, groups=None
    )


def _without_rows(ids: list[int], *, linked: list[int]) -> list[int]:
    """Return the accounts that no row refers to. Their addresses for newsletters that are `linked` were here before."""
    left = set(ids)
    for relation in _relations():
        model, name = relation.related_model, relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": left})
        left -= set(rows.values_list(name, flat=True))
    own = Address.objects.filter(_has_rows(), user__in=left).exclude(pk__in=linked)
    return sorted(left - set(own.values_list("user", flat=True)))


def _relations() -> Iterator[Any]:
    for relation in User._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        if is_reverse and relation.related_model not in {Address, EmailAddress, ImportedReader}:
            yield relation


def _take_back_names(batch: list[ImportedReader]) -> None:
    """Empty the names that were given to accounts without one, unless their owners have chosen another since."""
    for row in batch:
        if (name := row.made.get("named")) and row.user_id is not None:
            User.objects.filter(pk=row.user_id, display_name=name).update(display_name="", name_key="")
