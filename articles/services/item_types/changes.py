"""The columns of a version that depend on what kind of change it is.

Publishing stores them, and `verify_record` computes them again from the chain, with the same functions.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from articles.corrections.wording import words_differ
from articles.models import ChangeKind, Correction, Version
from articles.models.corrections import PROMINENT


class ChangeColumns(NamedTuple):
    """See the columns of `Version`."""

    changed_at: datetime
    is_corrected: bool
    is_retracted: bool


def columns_of_change(
    correction: Correction | None, before: Version | None, content: object, public_from: datetime
) -> dict[str, object]:
    """Return the columns of the version with `content` that follows `before`, the live one."""
    changed = before is None or is_material(correction, before.content, content)
    columns = _columns(correction, before, public_from, changed=changed, others=_others_in_effect(correction))
    return columns._asdict()


def is_material(correction: Correction | None, before: Any, content: Any) -> bool:
    """Return whether the change matters to readers. Without a kind, as for imports, any change of words does."""
    if correction is None:
        return words_differ(before, content)
    return correction.kind != ChangeKind.MINOR or bool(correction.changed_facts)


def recomputed(versions: Iterable[Version]) -> Iterator[tuple[Version, list[ChangeColumns]]]:
    """Yield each of all versions of an article, oldest first, with the columns that it may have.

    More than one is possible only where a text was removed, so that no one knows any more whether it was changed.
    """
    before: ChangeColumns | None = None
    text: object = None
    in_effect: dict[int, str] = {}
    for version in versions:
        correction = version.change
        superseded = correction.supersedes if correction is not None else None
        if superseded is not None:
            in_effect.pop(superseded.pk, None)
        if before is None:
            answers = [True]
        elif correction is None and (text is None or version.content is None):
            answers = [True, False]
        else:
            answers = [is_material(correction, text, version.content)]
        possible = [
            _columns(correction, before, version.public_from, changed=changed, others=set(in_effect.values()))
            for changed in answers
        ]
        yield version, possible
        if version.superseded_at is None:
            before = next((columns for columns in possible if columns.changed_at == version.changed_at), possible[0])
            text = version.content
            if correction is not None and correction.kind in PROMINENT:
                in_effect[correction.pk] = correction.kind


def _columns(
    correction: Correction | None,
    before: Version | ChangeColumns | None,
    public_from: datetime,
    *,
    changed: bool,
    others: set[str],
) -> ChangeColumns:
    """`others` are the kinds of the corrections and retractions in effect, without what `correction` supersedes."""
    if correction is not None and correction.supersedes is not None:
        is_corrected, is_retracted = bool(others), ChangeKind.RETRACTION in others
    else:
        is_corrected = before is not None and before.is_corrected
        is_retracted = before is not None and before.is_retracted
    if correction is not None:
        is_corrected |= correction.kind in PROMINENT
        is_retracted |= correction.kind == ChangeKind.RETRACTION
    return ChangeColumns(public_from if changed or before is None else before.changed_at, is_corrected, is_retracted)


def _others_in_effect(correction: Correction | None) -> set[str]:
    if correction is None or correction.supersedes is None:
        return set()
    superseded = correction.supersedes
    others = Correction.objects.public().in_effect().filter(version__article=superseded.version.article_id)
    return set(others.filter(kind__in=PROMINENT).exclude(pk=superseded.pk).values_list("kind", flat=True))
