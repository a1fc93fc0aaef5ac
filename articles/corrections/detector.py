"""Proposes what kind of change an edit is, and says why. The editor decides.

Compares the sentences of two texts and looks at those that changed: figures, dates, names, negations, quotations,
words with an opposite meaning, the headline and the byline. Depends on nothing but the two texts.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.corrections import lexicon
from articles.corrections.names import SENTENCE_END, Names
from articles.corrections.terms import (
    dates,
    figures,
    lost_and_gained,
    negations,
    quoted,
    replaced_words,
    stem,
    words_of,
    written_terms,
)
from articles.corrections.wording import Wording
from articles.models.corrections import ChangedFact, ChangeKind
from articles.revisions.blocks import Block
from articles.revisions.diff import diff_blocks

MAX_REASONS = 5
# A removed passage of so many words is more than a cut.
PASSAGE = 20
SAME_QUOTATION = 0.5

_LABELS = (
    (re.compile(r"(?:correction|berichtigung|korrektur)\b\W", re.IGNORECASE), ChangeKind.CORRECTION),
    (re.compile(r"(?:clarification|klarstellung)\b\W", re.IGNORECASE), ChangeKind.CLARIFICATION),
    (re.compile(r"(?:update|updated|aktualisierung)\b\W", re.IGNORECASE), ChangeKind.UPDATE),
    (re.compile(r"(?:retraction|retracted|widerruf)\b\W", re.IGNORECASE), ChangeKind.RETRACTION),
    (
        re.compile(r"(?:editor’s note|editor's note|note from the editor|anmerkung der redaktion)\b", re.IGNORECASE),
        ChangeKind.NOTE,
    ),
)
# Of several kinds of change, the first one is proposed.
_ORDER = (ChangeKind.RETRACTION, ChangeKind.CORRECTION, ChangeKind.NOTE, ChangeKind.CLARIFICATION, ChangeKind.UPDATE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`facts` are those that changed: a minor edit with one needs a reason."""

    kind: ChangeKind
    reasons: tuple[str, ...]
    facts: tuple[ChangedFact, ...] = ()


@dataclass(slots=True)
class _Edits:
    """The sentences that changed, in three groups."""

    changed: list[tuple[str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [*self.changed, *(("", text) for text in self.added), *((text, "") for text in self.removed)]


class Finding(NamedTuple):
    """What kind of change something looks like, why, and which facts changed in it."""

    kind: ChangeKind
    reason: str
    facts: tuple[ChangedFact, ...] = ()


def propose(old: Wording, new: Wording) -> Proposal:
    """Return what the change from `old` to `new` looks like. Both differ."""
    findings = list(_findings(old, new))
    kinds = {finding.kind for finding in findings}
    kind = next((kind for kind in _ORDER if kind in kinds), ChangeKind.MINOR)
    first = sorted(findings, key=lambda finding: finding.kind != kind)
    reasons = tuple(dict.fromkeys(finding.reason for finding in first))[:MAX_REASONS]
    found = {fact for finding in findings for fact in finding.facts}
    facts = tuple(fact for fact in ChangedFact if fact in found)
    return Proposal(kind, reasons or (_("Only spelling, punctuation or small words changed."),), facts)


def corrected_terms(old: Wording, new: Wording) -> dict[str, str]:
    """Return the figures, years and names that others replaced in a sentence, by `terms.written_terms`.

    The values are their replacements, as they are written.
    """
    found: dict[str, str] = {}
    names = Names((old.headline, *old.passages, new.headline, *new.passages))
    for before, after in [(old.headline, new.headline), *_edits(old.passages, new.passages).changed]:
        was, now = (
            {term: match[0] for term, match in written_terms(text) if term[0].isdigit() or term in names.find(text)}
            for text in (before, after)
        )
        for is_figure in (True, False):
            lost = [term for term in was if term not in now and term[0].isdigit() == is_figure]
            gained = [word for term, word in now.items() if term not in was and term[0].isdigit() == is_figure]
            # Otherwise the sentence was rewritten, and no term replaces another.
            if len(lost) == len(gained):
                found |= zip(lost, gained, strict=True)
    return found


def reason_needed(facts: Iterable[ChangedFact]) -> str:
    """Return the error for a minor edit with these changed facts that has no note."""
    found = " ".join(str(fact.label) for fact in facts)
    return f"{found} {_('Say in a sentence for readers why this is a minor edit.')}"


def _findings(old: Wording, new: Wording) -> Iterator[Finding]:
    edits = _edits(old.passages, new.passages)
    names = Names((old.headline, *old.passages, new.headline, *new.passages))
    if old.headline != new.headline:
        yield from _in_sentence(old.headline, new.headline, names, headline=True)
        if replaced_words(old.headline, new.headline):
            yield Finding(ChangeKind.CLARIFICATION, _("The headline changed."))
    if old.names != new.names and Counter(old.names) != Counter(new.names):
        reason = _("The byline changed: %(old)s → %(new)s.") % _shown(old.names, new.names)
        yield Finding(ChangeKind.CORRECTION, reason, (ChangedFact.NAME,))
    for before, after in edits.changed:
        yield from _in_sentence(before, after, names)
    yield from _quotations(old.passages, new.passages)
    yield from _added(edits)
    yield from _removed(edits, names)


def _edits(old: Iterable[str], new: Iterable[str]) -> _Edits:
    edits = _Edits()
    for row in diff_blocks(_sentences(old), _sentences(new)):
        removed = "".join(part.text for part in row.parts if part.op != "+")
        added = "".join(part.text for part in row.parts if part.op != "-")
        if row.kind == "changed" or (row.kind == "moved" and removed != added):
            edits.changed.append((removed, added))
        elif row.kind == "added":
            edits.added.append(added)
        elif row.kind == "removed":
            edits.removed.append(removed)
    return edits


def _sentences(passages: Iterable[str]) -> list[Block]:
    sentences = [sentence for passage in passages for sentence in SENTENCE_END.split(passage) if sentence]
    return [Block("p", sentence, sentence, sentence) for sentence in sentences]


def _in_sentence(old: str, new: str, names: Names, *, headline: bool = False) -> Iterator[Finding]:
    """Yield what changed from one sentence to another. A figure, date or name that was only added changed nothing."""
    checks: tuple[tuple[ChangedFact, Callable[[str], list[str]], Callable[[dict[str, str]], str]], ...] = (
        (ChangedFact.DATE, dates, lambda terms: _("A date changed: %(old)s → %(new)s.") % terms),
        (ChangedFact.FIGURE, figures, lambda terms: _("A figure changed: %(old)s → %(new)s.") % terms),
        (ChangedFact.NEGATION, negations, lambda terms: _("A negation changed: %(old)s → %(new)s.") % terms),
    )
    for fact, find, reason in checks:
        before, after = find(old), find(new)
        if before != after and (fact == ChangedFact.NEGATION or not _has_all(after, before)):
            yield Finding(ChangeKind.CORRECTION, reason(_difference(before, after)), (fact,))
    if changed := _changed_names(old, new, names, headline=headline):
        name_reason = _("A name changed: %(old)s → %(new)s.") % changed
        yield Finding(ChangeKind.CORRECTION, name_reason, (ChangedFact.NAME,))
    lost, gained = lost_and_gained(old, new)
    for one, other in lexicon.OPPOSITES:
        for old_word, new_word in ((one, other), (other, one)):
            if old_word in lost and new_word in gained:
                opposites = {"old": old_word, "new": new_word}
                meaning_reason = _("The meaning changed: %(old)s → %(new)s.") % opposites
                yield Finding(ChangeKind.CORRECTION, meaning_reason, (ChangedFact.MEANING,))
    if not headline and (replaced := replaced_words(old, new)):
        words = _shown(*replaced)
        yield Finding(ChangeKind.CLARIFICATION, _("Words changed: %(old)s → %(new)s.") % words)


def _has_all(terms: list[str], others: list[str]) -> bool:
    """Return whether `terms` has `others` in their order, and more between them."""
    rest = iter(terms)
    return len(terms) > len(others) and all(other in rest for other in others)


def _difference(old: list[str], new: list[str]) -> dict[str, str]:
    """Return what only one of the lists has; if they have the same in another order, that."""
    lost, gained = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
    return _shown(lost, gained) if lost or gained else _shown(old, new)


def _shown(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    return {"old": _some(old), "new": _some(new)}


def _some(words: Iterable[str]) -> str:
    words = list(words)
    return ", ".join(words[:4]) + (" …" if len(words) > 4 else "") or "–"


def _changed_names(old: str, new: str, names: Names, *, headline: bool) -> dict[str, str]:
    lost, gained = lost_and_gained(old, new)
    if not lost and not gained:
        names_old, names_new = names.find(old), names.find(new)
        swapped = names_old != names_new and sorted(names_old) == sorted(names_new)
        return _shown(names_old, names_new) if swapped and not headline else {}
    gone = [name for name in names.find(old) if stem(name) in lost]
    come = [name for name in names.find(new) if stem(name) in gained]
    return _shown(gone, come) if gone else {}


def _quotations(old: Iterable[str], new: Iterable[str]) -> Iterator[Finding]:
    before, after = (Counter(quoted(passages)) for passages in (old, new))
    lost, gained = list((before - after).elements()), list((after - before).elements())
    for quotation in lost:
        nearest = max(gained, key=lambda other: SequenceMatcher(None, quotation, other).ratio(), default="")
        if SequenceMatcher(None, quotation, nearest).ratio() >= SAME_QUOTATION:
            gained.remove(nearest)
            if replaced_words(quotation, nearest) or figures(quotation) != figures(nearest):
                yield _about_quotation(_("A quotation changed: “%(text)s”."), nearest)
        else:
            yield _about_quotation(_("A quotation was removed: “%(text)s”."), quotation)
    said = " ".join(" ".join(words_of(passage)) for passage in old)
    for quotation in gained:
        if quotation in said:
            yield _about_quotation(_("Words were marked as a quotation: “%(text)s”."), quotation)


def _about_quotation(reason: str, quotation: str) -> Finding:
    return Finding(ChangeKind.CORRECTION, reason % {"text": _short(quotation)}, (ChangedFact.QUOTATION,))


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + (" …" if len(words) > 8 else "")


def _added(edits: _Edits) -> Iterator[Finding]:
    for text in edits.added:
        for label, kind in _LABELS:
            if label.match(text):
                yield Finding(kind, _("The new text is marked as “%(kind)s”.") % {"kind": kind.label})
                return
    if count := sum(len(words_of(text)) for text in edits.added):
        reason = ngettext("%(count)d word was added.", "%(count)d words were added.", count) % {"count": count}
        yield Finding(ChangeKind.UPDATE, reason)


def _removed(edits: _Edits, names: Names) -> Iterator[Finding]:
    removed = sum(len(words_of(text)) for text in edits.removed)
    if not removed:
        return
    reason = ngettext("%(count)d word was removed.", "%(count)d words were removed.", removed) % {"count": removed}
    added = sum(len(words_of(text)) for text in edits.added)
    facts = tuple(_lost_facts(edits, names))
    if removed >= PASSAGE and added < removed / 2:
        yield Finding(ChangeKind.RETRACTION, reason, facts)
    elif any(figures(text) or dates(text) or names.find(text) for text in edits.removed):
        yield Finding(ChangeKind.CORRECTION, reason, facts)
    else:
        yield Finding(ChangeKind.CLARIFICATION, reason, facts)


def _lost_facts(edits: _Edits, names: Names) -> Iterator[ChangedFact]:
    """Yield which facts of the removed sentences no added sentence has: a sentence may be rewritten as a whole."""
    finders: dict[ChangedFact, Callable[[str], list[str]]] = {
        ChangedFact.FIGURE: figures,
        ChangedFact.DATE: dates,
        ChangedFact.NAME: lambda sentence: [stem(name) for name in names.find(sentence)],
        ChangedFact.NEGATION: negations,
    }
    for fact, find in finders.items():
        lost = Counter(found for text in edits.removed for found in find(text))
        if lost - Counter(found for text in edits.added for found in find(text)):
            yield fact
