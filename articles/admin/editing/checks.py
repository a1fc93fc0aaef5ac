"""Check results in the editor: each with a link to its location. Fetched again while the user writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item, tab_of
from articles.checks import Finding
from articles.models import Article, Image
from articles.revisions.fields import EditableFields
from articles.services import autosave, revisions
from articles.services.checks import findings_in
from articles.services.item_types import Item

# Element ids of the fields that have another id than "id_<field>".
ANCHORS = {"bylines": "bylines", "lead": "id_lead", "remarks": "remarks"}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A finding as a line of the list. `anchor` is the element that the link leads to without JavaScript."""

    finding: Finding
    anchor: str
    at: str
    image_url: str


@dataclass(frozen=True, slots=True)
class CheckResults:
    """`advice` has checks that failed, too. Those of them that could have kept the text back are `left_open`."""

    blocking: list[CheckResult]
    advice: list[CheckResult]
    left_open: list[Finding]

    @property
    def count(self) -> str:
        """The numbers as text, for the folded list and for screen readers."""
        parts = [_("%(count)s to fix") % {"count": len(self.blocking)}] if self.blocking else []
        if self.advice:
            count = len(self.advice)
            parts.append(ngettext("%(count)s suggestion", "%(count)s suggestions", count) % {"count": count})
        return ", ".join(parts) or _("no problems")


def check_results(
    item: Item,
    fields: EditableFields,
    known_images: Iterable[Image] = (),
    anchors: Mapping[str, str] = ANCHORS,
    open_remarks: int | None = None,
    corrected: Mapping[str, str] = MappingProxyType({}),
) -> CheckResults:
    """Check `fields` of `item`. `known_images` were fetched already, with their renditions.

    `open_remarks` is the number of open remarks on the item; None to count them here. `corrected` are the terms that
    the text has replaced since its last version.
    """
    if open_remarks is None:
        open_remarks = item.remarks.unresolved().count() if isinstance(item, Article) else 0
    findings = findings_in(
        fields, address=item.get_absolute_url(), known=known_images, open_remarks=open_remarks, corrected=corrected
    )
    results = [_result(finding, anchors) for finding in findings]
    return CheckResults(
        [result for result in results if result.finding.blocking],
        [result for result in results if not result.finding.blocking],
        [finding for finding in findings if finding.left_open],
    )


def _result(finding: Finding, anchors: Mapping[str, str]) -> CheckResult:
    location = finding.location
    image_url = reverse("admin:articles_image_change", args=[finding.image]) if finding.image else ""
    return CheckResult(finding, anchors.get(location.field, f"id_{location.field}"), str(location), image_url)


@require_safe
def checks_fragment(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Check the unsaved changes of this tab, or what is saved, and answer with the list as HTML."""
    item = get_changeable_item(admin, request, pk)
    fields = revisions.current_fields(item)
    tab = tab_of(request.GET.get("tab", ""))
    stored = item.autosaves.filter(user=request.user.pk, tab=tab).first() if tab else None
    if stored is not None:
        fields = revisions.fields_from_form(item, autosave.form_of(stored), fields)
    context = {"check_results": check_results(item, fields), "original": item, "opts": admin.opts}
    return render(request, "admin/articles/article/_checks.html", context)
