"""What an import says about an article or page, for its editor."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from articles.models import Article, Dossier, Page
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.web.slots import show_in


@show_in("editor_status")
def import_note(request: HttpRequest, item: Article | Dossier | Page) -> str:
    """Say why an imported text is a draft, and how many of its images are missing."""
    if isinstance(item, Dossier) or not item.pk:
        return ""
    rows = ImportedObject.objects.filter(**{str(item._meta.model_name): item})
    row = rows.values("source", "reason", "missing_images").first()
    if row is None:
        return ""
    reason = row["reason"] if item.state() == "draft" else ""
    return render_to_string("admin/import/_note.html", {"imported": row, "reason": reason})
