"""Look-ups that the editor's views share."""

from typing import Any

from django.http import Http404, HttpRequest

from articles.admin.base import BaseAdmin

TAB_LENGTH = 40


def get_changeable_item(admin: BaseAdmin, request: HttpRequest, pk: int) -> Any:
    """Return the article, dossier or page if the user may change it; otherwise raise Http404."""
    item = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, item):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    return item


def tab_of(value: str) -> str:
    """Return the identifier of a browser tab as it is stored."""
    return value[:TAB_LENGTH].replace("\x00", "")
