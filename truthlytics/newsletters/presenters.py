"""What the pages on which readers choose their emails show."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from articles.models import Article, Version
from truthlytics.newsletters.models import Address, Issue, Newsletter, labels_of, names_of

# How many issues a newsletter shows beside its description.
SHOWN_ISSUES = 4


def with_issues(newsletters: QuerySet[Newsletter], number: int = SHOWN_ISSUES) -> list[Any]:
    """Return these newsletters with the newest `number` of their issues as `sent_issues`. Two queries."""
    newest = Issue.objects.newest()[:number]
    return list(newsletters.prefetch_related(Prefetch("issues", newest, to_attr="sent_issues")))


def covers(issues: Collection[int], now: datetime) -> dict[int, Version]:
    """Return the first public article of each of these issues, by the issue's id, as readers see it now. One query."""
    shown = Article.objects.listed(now).filter(newsletter_issues__issue__in=issues)
    # The last one written is the first of the issue.
    rows = shown.alias(position=F("newsletter_issues__position")).annotate(issue_id=F("newsletter_issues__issue"))
    return {row.issue_id: row.as_served(now) for row in rows.order_by("-position")}


class FollowChoice(NamedTuple):
    """What a reader follows: the id of the `Follow`, and what they get."""

    pk: int
    label: str


class Choices(NamedTuple):
    """`newsletters` are pairs of a newsletter and whether the address gets it; `frequencies` pairs of value and label.

    `address` is None for readers who have not signed up for anything yet.
    """

    address: Address | None
    newsletters: list[tuple[Newsletter, bool]]
    follows: list[FollowChoice]
    frequencies: list[tuple[str, str]]
    frequency: str


def choices_of(address: Address | None) -> Choices:
    """Return what `address` gets and could get. Three queries, and one for each kind of what it follows."""
    active: set[int] = set()
    follows: list[FollowChoice] = []
    if address is not None:
        active = set(address.sign_ups.active().values_list("newsletter", flat=True))
        rows = {row.followed: row.pk for row in address.follows.all()}
        labels = labels_of(dict.fromkeys(rows, "…") | names_of(rows, timezone.now()))
        follows = [FollowChoice(pk, labels[followed]) for followed, pk in rows.items()]
    newsletters = [(row, row.pk in active) for row in Newsletter.objects.all() if row.is_offered or row.pk in active]
    frequency = address.frequency if address is not None else Address.Frequency.DAILY
    follows.sort(key=lambda follow: follow.label.casefold())
    frequencies = [(choice.value, str(choice.label)) for choice in Address.Frequency]
    return Choices(address, newsletters, follows, frequencies, frequency)
