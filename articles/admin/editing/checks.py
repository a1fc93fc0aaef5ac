"""The checks at the desk: what they find, each with the way to its place; fetched again while one writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from articles.admin.editing.edit_conflicts import TAB_LENGTH
from articles.checks import Finding
from articles.models import Image
from articles.revisions.fields import Typed
from articles.services import autosave, revisions
from articles.services.checks import findings_in

# Where the page's own fields are called otherwise.
ANCHORS = {"bylines": "bylines", "lead": "id_lead"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a line of the list. `anchor` is where a browser without script goes to."""

    finding: Finding
    anchor: str
    at: str
    mend: str


@dataclass(frozen=True, slots=True)
class Found:
    blocking: list[Shown]
    advice: list[Shown]

    @property
    def count(self) -> str:
        """In words, for whoever looks at the folded list or hears that it changed."""
        parts = [f"{len(self.blocking)} to mend"] if self.blocking else []
        parts += [f"{len(self.advice)} advice"] if self.advice else []
        return ", ".join(parts) or "nothing found"


def found(findings: Iterable[Finding], anchors: Mapping[str, str] = ANCHORS) -> Found:
    lines = [_shown(finding, anchors) for finding in findings]
    return Found([one for one in lines if one.finding.blocking], [one for one in lines if not one.finding.blocking])


def _shown(finding: Finding, anchors: Mapping[str, str]) -> Shown:
    location = finding.location
    mend = reverse("admin:articles_image_change", args=[finding.image]) if finding.image else ""
    return Shown(finding, anchors.get(location.field, f"id_{location.field}"), str(location), mend)


def found_in(thing: Any, text: Typed, known: Iterable[Image] = (), anchors: Mapping[str, str] = ANCHORS) -> Found:
    """What is found in `text`; `known` are pictures that were fetched already, with their renditions."""
    return found(findings_in(text, address=thing.get_absolute_url(), known=known), anchors)


@require_safe
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What is found in the words that this page of this person keeps, else in what is saved: the list as HTML."""
    article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    text = revisions.text_now(article)
    tab = request.GET.get("tab", "")[:TAB_LENGTH]
    slot = article.autosaves.filter(person=request.user.pk, tab=tab).first() if tab else None
    if slot is not None:
        text = revisions.text_of_form(article, autosave.fields_of(slot), text)
    context = {"found": found_in(article, text), "original": article, "opts": admin.opts}
    return render(request, "admin/articles/article/_checks.html", context)


def paths(admin: Any) -> list[Any]:
    guarded = admin.admin_site.admin_view(partial(page, admin=admin))
    return [path("<int:pk>/checks/", guarded, name=f"articles_{admin.opts.model_name}_checks")]
