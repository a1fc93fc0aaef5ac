"""The columns of a version that depend on what kind of change it is."""

from datetime import datetime
from typing import Any

from articles.corrections.wording import words_differ
from articles.models import ChangeKind, Correction, Version
from articles.models.corrections import PROMINENT


def columns_of_change(
    correction: Correction | None, before: Version | None, content: Any, public_from: datetime
) -> dict[str, Any]:
    """Return the columns of the version with `content` that follows `before`, the live one."""
    changed = before is None or _is_material(correction, before, content)
    return {
        "changed_at": public_from if changed or before is None else before.changed_at,
        "is_corrected": _is_corrected(correction, before),
    }


def _is_material(correction: Correction | None, before: Version, content: Any) -> bool:
    """Return whether the change matters to readers. Without a kind, as for imports, any change of words does."""
    return words_differ(before.content, content) if correction is None else correction.kind != ChangeKind.MINOR


def _is_corrected(correction: Correction | None, before: Version | None) -> bool:
    if correction is not None and correction.kind in PROMINENT:
        return True
    if before is None:
        return False
    if correction is None or correction.supersedes is None:
        return before.is_corrected
    others = Correction.objects.public().in_effect().filter(version__article=before.article_id, kind__in=PROMINENT)
    return others.exclude(pk=correction.supersedes.pk).exists()
