"""What kind of change publishing an article would be, and what it corrects."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.corrections import detector
from articles.corrections.detector import Proposal, propose
from articles.corrections.rule import lost_facts
from articles.corrections.wording import wording, words_differ
from articles.models import Article, ChangedFact, ChangeKind, Correction
from articles.responsibility import weakened_uses
from articles.services.item_types import Item, item_type
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


def proposed_kind(item: Item, content: dict[str, object] | None = None) -> Proposal | None:
    """Return what kind of change publishing `item` now would be; None if readers need not be told of any.

    Only changes of articles have a kind.
    """
    now = timezone.now()
    if not isinstance(item, Article) or item.served_id(now) is None:
        return None
    before = item.served(now).content
    content = content or item_type(item).content_of(item)
    if before is None:
        return Proposal(ChangeKind.NOTE, (_("The text that readers have was redacted."),))
    if not words_differ(before, content):
        weakened = weakened_uses(json.loads(before), content)
        return Proposal(ChangeKind.NOTE, (_("Less use of AI is stated than before."),)) if weakened else None
    return propose(wording(before), wording(content))


def corrected_terms(item: Item) -> dict[str, str]:
    """Return the figures, years and names that the draft of an article replaces in what readers have."""
    now = timezone.now()
    if not isinstance(item, Article) or item.served_id(now) is None:
        return {}
    before, content = item.served(now).content, item_type(item).content_of(item)
    if before is None or not words_differ(before, content):
        return {}
    return detector.corrected_terms(wording(before), wording(content))


def changed_facts(old: JsonObject | str | None, new: JsonObject | str) -> tuple[ChangedFact, ...]:
    """Return the facts that changed from one content to another, as far as the detector finds them.

    Of redacted content, none.
    """
    if old is None:
        return ()
    found = {*propose(wording(old), wording(new)).facts, *lost_facts(old, new)}
    return tuple(fact for fact in ChangedFact if fact in found)


def new_correction(
    kind: str,
    *,
    by: User | None,
    now: datetime,
    supersedes: Correction | None = None,
    facts: Iterable[ChangedFact] = (),
) -> Correction:
    """Return a correction that is saved with its version."""
    return Correction(
        kind=kind,
        made_by=by,
        made_at=now.replace(microsecond=0),
        supersedes=supersedes,
        changed_facts=",".join(fact.value for fact in facts),
    )
