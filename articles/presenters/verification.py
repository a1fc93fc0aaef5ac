"""“Verify this article”: what a version claims, and all that a browser needs to check it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from articles.integrity import free_text
from articles.models import Version
from articles.models.base_version import CHAIN_COLUMNS
from articles.models.chains import CORRECTION_COLUMNS
from articles.presenters.history import ArticleKind, History, ItemKind, PublicVersion
from articles.presenters.record import history_entries, version_entry
from articles.revisions.free_parts import is_free_now
from articles.seo.meta import absolute_url
from truthlytics.transparency.evidence import EVENTS, Evidence, evidence_of_version, log_description
from truthlytics.web.types import TemplateContext

ARTICLES = ArticleKind()


@dataclass(frozen=True, slots=True)
class Claim:
    """A version as the record has it. `previous` is the digest of the version before, or "" for the first."""

    uuid: UUID
    row: Any
    previous: str
    evidence: Evidence | None


def _related(kind: ItemKind) -> list[str]:
    return [kind.name, "correction__supersedes__version"] if kind.version_model is Version else [kind.name]


def claim_of(kind: ItemKind, version: PublicVersion) -> Claim:
    row = kind.version_model.objects.select_related(*_related(kind)).get(pk=version.pk)
    item = getattr(row, kind.name)
    before = item.versions.filter(number=row.number - 1).values_list("digest", flat=True)
    return Claim(item.uuid, row, before.first() or "", evidence_of_version(item.uuid, row.number))


def _history(kind: ItemKind, claim: Claim, now: datetime) -> list[dict[str, object]]:
    """Return all versions of the item without their texts, from which every digest can be computed."""
    columns = [name for name in CHAIN_COLUMNS if name != "content"]
    if kind.version_model is Version:
        columns += CORRECTION_COLUMNS
    versions = getattr(claim.row, kind.name).versions.select_related(*_related(kind)[1:])
    return history_entries(kind.name, claim.uuid, versions.only(*columns).order_by("number"), now)


def evidence_context(
    kind: ItemKind, history: History, version: PublicVersion, *, readable: bool, now: datetime
) -> TemplateContext:
    """Return what a browser needs to check `version`, as JSON. Its text is in it only if it is `readable`.

    Its free part is, unless some of it is gated now.
    """
    claim = claim_of(kind, version)
    free = free_text(claim.row.content) if kind.version_model is Version and claim.row.content else ""
    if free and not readable and not _is_free_now(history, version):
        free = ""
    context = {
        "version": version_entry(kind.name, claim.uuid, claim.row, with_content=readable)
        | ({"free": free} if free else {}),
        "previous": claim.previous,
        "history": _history(kind, claim, now),
        "page": history.url if version == history.current else history.version_url(version.number),
    }
    if (evidence := claim.evidence) is None:
        return context
    return context | {
        "entry": {"index": evidence.index, "leaf": evidence.entry.leaf, "proof": evidence.proof},
        "checkpoint": evidence.checkpoint.cosigned,
        "key": evidence.key,
        "log": log_description(),
        "witnesses": [{"name": row.witness.name, "key": row.witness.verifier_key} for row in evidence.cosignatures],
        "witnesses_needed": evidence.quorum.needed,
    }


def _is_free_now(history: History, version: PublicVersion) -> bool:
    contents = ARTICLES.contents({version, history.current})
    content = contents[version.pk]
    level = history.strictest(version).required_level
    return content is not None and is_free_now(content, contents[history.current.pk], level)


def verification_context(
    kind: ItemKind, history: History, version: PublicVersion, *, readable: bool, now: datetime
) -> dict[str, object]:
    """Return the context of the page on which readers verify `version`."""
    claim = claim_of(kind, version)
    text_url = history.url if version == history.current else history.version_url(version.number)
    return {
        "shown": version,
        "claim": claim,
        "evidence": claim.evidence,
        "events": EVENTS,
        "readable": readable,
        "old_number": None if version == history.current else version.number,
        "text_url": text_url,
        "evidence_url": history.evidence_url(version.number),
        "script_url": absolute_url(reverse("transparency:script")),
        "text_address": absolute_url(text_url),
    }
