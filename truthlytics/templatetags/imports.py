"""What an import says about an article or page, for its editor."""

from django import template

from articles.models import Article, Page
from truthlytics.models import ImportedObject

register = template.Library()


@register.inclusion_tag("admin/import/_note.html")
def import_note(item: Article | Page, state: str) -> dict[str, object]:
    """Say why an imported text is a draft, and how many of its images are missing. `state` is that of `item`."""
    rows = ImportedObject.objects.filter(**{str(item._meta.model_name): item})
    row = rows.values("source", "reason", "missing_images").first()
    return {"imported": row, "reason": row["reason"] if row and state == "draft" else ""}
