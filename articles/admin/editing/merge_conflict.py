"""Two texts of one article (or page) side by side: what is saved, and one's own. One chooses, and loses neither."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from articles.admin.formatting import display_name, time_or_date
from articles.models.revisions import AnyAutosave
from articles.revisions.blocks import Block, blocks
from articles.revisions.diff import Part, paired, words
from articles.revisions.fields import LABELS, Passage, Typed, differing, merged, passages, same
from articles.revisions.fields import shown as as_text
from articles.services import autosave, revisions
from truthlytics.web.ids import parse_id

CHOICES = {"theirs", "mine", "both"}
IN_WORDS = {"headline", "standfirst", "lead_caption", "seo_title", "seo_description"}
Line = tuple[str, list[Part], list[Part]]


@dataclass
class Choice:
    """One question of the page: `name` is the field, `proposed` what stands chosen."""

    name: str
    label: str
    proposed: str
    lines: list[Line]
    both_changed: bool = False
    may_be_both: bool = False


@dataclass
class Run:
    """A run of the text: unchanged blocks, counted, or a choice."""

    unchanged: int = 0
    choice: Choice | None = None


@dataclass
class Sheet:
    facts: list[Choice] = field(default_factory=list)
    text: list[Run] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """One's unsaved words beside what is saved, and the choice between them."""
    article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    if request.method == "POST":
        return _choose(admin, request, article)
    if not article.autosaves.filter(person=request.user.pk).exists():
        admin.message_user(request, "You have no unsaved words here.", messages.INFO)
        return redirect(f"admin:articles_{admin.opts.model_name}_change", article.pk)
    return shown(admin, request, article)


@transaction.atomic
def _choose(admin: Any, request: HttpRequest, article: Any) -> HttpResponse:
    locked: Any = admin.model.objects.select_for_update().get(pk=article.pk)
    slot = locked.autosaves.select_for_update().filter(person=request.user.pk).first()
    if slot is None:
        admin.message_user(request, "These words are saved or dropped already.", messages.INFO)
        return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)
    if (
        parse_id(request.POST.get("seen")) != locked.edition
        or request.POST.get("slot") != f"{slot.tab}:{slot.sequence}"
    ):
        return shown(admin, request, locked, status=409, again=True)
    theirs = revisions.text_now(locked)
    mine = revisions.text_of_form(locked, autosave.fields_of(slot), theirs)
    text = chosen(theirs, mine, base_of(locked, slot), request.POST)
    if text.get("slug") != theirs.get("slug"):
        text["slug"] = admin.free_slug(text["slug"], locked.pk)
    revisions.put(written=locked, text=text, by=request.user)
    if differing(revisions.text_now(locked), mine):
        revisions.put_aside(written=locked, text=mine, by=request.user, edition=slot.edition)
    slot.delete()
    admin.log_change(request, locked, "Chose between two texts.")
    admin.message_user(request, "Saved as you chose. What you did not choose stands in the history.", messages.SUCCESS)
    return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)


def chosen(theirs: Typed, mine: Typed, base: Typed | None, choices: Any) -> Typed:
    """The text that the answers make; a question without an answer goes by its proposal."""
    text = dict(theirs)
    for name in differing(theirs, mine):
        if name == "body":
            cut = passages(theirs["body"], mine["body"], base["body"] if base else None)
            answers = {p.number: choices.get(f"body-{p.number}") for p in cut if p.number is not None}
            text["body"] = merged(cut, {n: answer for n, answer in answers.items() if answer in CHOICES})
        elif (choices.get(name) or proposal(name, theirs, mine, base)) == "mine":
            text[name] = mine[name]
    return text


def proposal(name: str, theirs: Typed, mine: Typed, base: Typed | None) -> str:
    """One's own, unless only the other side changed it."""
    return "theirs" if base and name in base and same(name, base[name], mine[name]) else "mine"


def base_of(article: Any, slot: AnyAutosave) -> Typed | None:
    """The text that one's own words began with, as far as it is still in the history."""
    save = article.saves.on_purpose().filter(edition=slot.edition).first()
    return revisions.text_of(save) if save else None


def shown(admin: Any, request: HttpRequest, article: Any, *, status: int = 200, again: bool = False) -> HttpResponse:
    """The page with both texts; also what somebody gets whose save came second."""
    slot = article.autosaves.get(person=request.user.pk)
    last = article.saves.on_purpose().select_related("made_by").defer("content").first()
    stale = slot.edition != article.edition
    by = display_name(last.made_by) if stale and last and last.made_by != request.user else None
    theirs = revisions.text_now(article)
    mine = revisions.text_of_form(article, autosave.fields_of(slot), theirs)
    context = admin.admin_site.each_context(request) | {
        "title": f"{by} saved while you were writing" if by else "Your unsaved words",
        "opts": admin.opts,
        "original": article,
        "slot": slot,
        "sheet": sheet_of(theirs, mine, base_of(article, slot)),
        "by": by,
        "saved": time_or_date(last.made_at if last else article.updated_at),
        "written": time_or_date(slot.saved_at),
        "stale": stale,
        "again": again,
    }
    return TemplateResponse(request, "admin/articles/article/merge_conflict.html", context, status=status)


def sheet_of(theirs: Typed, mine: Typed, base: Typed | None) -> Sheet:
    sheet = Sheet()
    for name in differing(theirs, mine):
        if name == "body":
            sheet.text = [_of_text(p) for p in passages(theirs["body"], mine["body"], base["body"] if base else None)]
            continue
        old, new = as_text(name, theirs[name]), as_text(name, mine[name])
        parts = words(old, new) if name in IN_WORDS else [Part("-", old), Part("+", new)]
        proposed = proposal(name, theirs, mine, base)
        both = bool(base and name in base and proposed == "mine" and not same(name, base[name], theirs[name]))
        sheet.facts.append(Choice(name, LABELS[name], proposed, [_sides("p", parts)], both))
    return sheet


def _of_text(passage: Passage) -> Run:
    if passage.number is None:
        return Run(unchanged=len(passage.theirs))
    pairs = paired(blocks("".join(passage.theirs)), blocks("".join(passage.mine)))
    label = f"Passage {passage.number + 1}"
    may_be_both = bool(passage.theirs and passage.mine)
    lines = [_line(*pair) for pair in pairs]
    name = f"body-{passage.number}"
    return Run(choice=Choice(name, label, passage.chosen, lines, passage.both_changed, may_be_both))


def _line(old: Block | None, new: Block | None) -> Line:
    if old and new and old.text == new.text:
        return _sides(new.tag, words(old.spelled, new.spelled))
    return _sides((new or old).tag, words(old.text if old else "", new.text if new else ""))  # type: ignore[union-attr]


def _sides(tag: str, parts: list[Part]) -> Line:
    return tag, [part for part in parts if part.op != "+"], [part for part in parts if part.op != "-"]
