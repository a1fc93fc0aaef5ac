"""Signal receivers: the address of an account was changed or confirmed, or a newsletter ticked in another form."""

from collections.abc import Collection
from functools import partial

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from subscriptions.models import User
from subscriptions.services.signals import form_accepted
from truthlytics.newsletters import ticked
from truthlytics.newsletters.models import Newsletter
from truthlytics.newsletters.services.accounts import sync_account
from truthlytics.publication.models import Publication

ADDRESS_COLUMNS = {"email", "verified_at"}


@receiver(post_save, sender=User)
def user_saved(
    sender: type[models.Model], instance: User, update_fields: Collection[str] | None = None, **kwargs: object
) -> None:
    if update_fields is None or ADDRESS_COLUMNS.intersection(update_fields):
        transaction.on_commit(partial(sync_account, instance.pk))


@receiver(email_changed)
def address_changed(sender: type[models.Model], user: User, **kwargs: object) -> None:
    transaction.on_commit(partial(sync_account, user.pk))


@receiver(email_confirmed)
def address_confirmed(sender: type[models.Model], email_address: EmailAddress, **kwargs: object) -> None:
    transaction.on_commit(partial(sync_account, email_address.user_id))


@receiver(form_accepted)
def newsletters_ticked(sender: str, request: HttpRequest, **kwargs: object) -> None:
    """Sign up a reader for what they ticked while buying, and remember it for visitors until they have an account."""
    ticked.remember(request, source=sender)
    ticked.sign_up(request)


@receiver([post_save, post_delete], sender=Newsletter)
def newsletters_changed(**kwargs: object) -> None:
    """Note in the publication whether there is a newsletter to sign up for."""
    offers = Newsletter.objects.offered().exists()
    for publication in Publication.objects.exclude(offers_newsletters=offers):
        publication.offers_newsletters = offers
        publication.save(update_fields=["offers_newsletters"])


@receiver(user_logged_in)
def visitor_logged_in(sender: type[models.Model], request: HttpRequest | None, **kwargs: object) -> None:
    if request is not None:
        ticked.sign_up(request)
