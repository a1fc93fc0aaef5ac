"""What has to be said about a new version of a published text before it may appear. Pure.

The rule holds wherever a version is made: `services.publishing.create_version` asks `unsaid` about every one.
docs/record.md describes it for those who check it from outside.
"""

import json
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from articles.corrections.detector import reason_needed
from articles.corrections.terms import lost_figures
from articles.corrections.wording import wording, words_differ
from articles.models.corrections import LISTED, ChangedFact, ChangeKind
from articles.responsibility import UNSTATED, weakened_uses
from truthlytics.web.types import Content

# What a version holds: as a dict, or as the stored JSON. None if it was removed.
Stored = Content | str | None


def unsaid(before: Stored, content: Content | str, *, kind: str, facts: Collection[str], note: str) -> str:
    """Return a sentence on what must be said of `content`, which follows `before` in an article; "" if all is said.

    `kind` is the kind of change, or "", and `facts` are those that it says changed. Nothing is known of a removed text,
    so that only a minor edit cannot follow it.
    """
    says_why = bool(note.strip())
    if words_differ(before, content) and not kind:
        return _("Choose what kind of change it is.")
    if reason := unsaid_about_ai(before, content, note=note):
        return reason
    if kind not in LISTED and weakened_uses(_parsed(before), _parsed(content)):
        return _("Less use of AI is stated than before. Call it a correction, a clarification or an editor’s note.")
    if kind != ChangeKind.MINOR:
        return _("Tell readers in a sentence what changed.") if kind and not says_why else ""
    if before is None:
        return _("The text that readers had was removed, so this cannot be a minor edit.")
    changed = set(facts) | set(lost_facts(before, content))
    if changed - set(facts) or (changed and not says_why):
        return reason_needed([fact for fact in ChangedFact if fact in changed])
    return ""


def unsaid_about_ai(before: Stored, content: Content | str, *, note: str) -> str:
    """Return a sentence if `content` states less use of AI than `before` and has no note, or none at all; else ""."""
    old, new = _parsed(before), _parsed(content)
    if old.get("ai_uses") and not new.get("ai_uses"):
        return str(UNSTATED)
    if weakened_uses(old, new) and not note.strip():
        return _("Less use of AI is stated than before. Tell readers in a sentence why.")
    return ""


def lost_facts(before: Content | str, content: Content | str) -> tuple[ChangedFact, ...]:
    """Return what any program can find without understanding a text: whether `before` has figures that are gone."""
    old, new = wording(before), wording(content)
    lost = lost_figures((old.headline, *old.passages), (new.headline, *new.passages))
    return (ChangedFact.FIGURE,) if lost else ()


def _parsed(content: Stored) -> Mapping[str, object]:
    return json.loads(content) if isinstance(content, str) else content or {}
