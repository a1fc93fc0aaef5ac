"""The checks at the desk: what they find, each with the way to its place; fetched again while one writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.checks import Finding
from articles.models import Article, Autosave, Image
from articles.services import drafts, slots
from articles.services.checking import findings_in
from articles.typed import Typed

from .saving import TAB_LENGTH

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


NOTHING = Found([], [])


def found(findings: Iterable[Finding]) -> Found:
    lines = [_shown(finding) for finding in findings]
    return Found([one for one in lines if one.finding.blocking], [one for one in lines if not one.finding.blocking])


def _shown(finding: Finding) -> Shown:
    place = finding.place
    mend = reverse("admin:articles_image_change", args=[finding.picture]) if finding.picture else ""
    return Shown(finding, ANCHORS.get(place.field, f"id_{place.field}"), str(place), mend)


def found_in(article: Article, text: Typed, known: Iterable[Image] = ()) -> Found:
    """What is found in `text`; `known` are pictures that were fetched already, with their renditions."""
    return found(findings_in(text, address=article.get_absolute_url(), known=known))


@require_safe
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What is found in the words that this page of this person keeps, else in what is saved: the list as HTML."""
    article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404("There is no such article.")
    text = drafts.text_now(article)
    tab = request.GET.get("tab", "")[:TAB_LENGTH]
    slot = Autosave.objects.filter(article=article, person=request.user.pk, tab=tab).first() if tab else None
    if slot is not None:
        text = drafts.text_of_form(article, slots.fields_of(slot), text)
    context = {"found": found_in(article, text), "original": article}
    return render(request, "admin/articles/article/_checks.html", context)
