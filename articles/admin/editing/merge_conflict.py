"""The merge page: what is saved next to the user's own unsaved changes. The user chooses, and both are kept."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import display_name, time_or_date
from articles.forms.articles import free_slug
from articles.models import Autosave
from articles.models.articles import SINGLE_LINE_FIELDS
from articles.revisions.diff import Part, word_diff
from articles.revisions.fields import LABELS, EditableFields, differing, display_value, same
from articles.revisions.passages import Passage, changes, combined_changes, marked, merged, passages
from articles.services import autosave, revisions
from articles.services.item_types import Item
from articles.services.revisions import ArticleOrPage
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of

ANSWERS = {"theirs", "mine", "both", "combined"}
Line = tuple[str, list[Part], list[Part]]


@dataclass
class Choice:
    """A choice between two values. `name` is the form field, `proposed` the preselected answer.

    `lines` show what each side changed, `combined` is a paragraph with the changes of both, if there is one.
    """

    name: str
    label: str
    proposed: str
    lines: list[Line]
    both_changed: bool = False
    may_be_both: bool = False
    combined: list[Part] = field(default_factory=list)


@dataclass
class Run:
    """Part of the body: a number of unchanged blocks, or a choice."""

    unchanged: int = 0
    choice: Choice | None = None


@dataclass
class Sheet:
    """Everything there is to choose."""

    facts: list[Choice] = field(default_factory=list)
    text: list[Run] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
def merge_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Show what is saved next to the user's unsaved changes, and save what the user chooses."""
    item = get_changeable_item(admin, request, pk)
    if request.method == "POST":
        return _merge(admin, request, item)
    if not item.autosaves.filter(user=request.user.pk).exists():
        admin.message_user(request, _("You have no unsaved changes here."), messages.INFO)
        return redirect(f"admin:articles_{admin.opts.model_name}_change", item.pk)
    return render_page(admin, request, item)


@transaction.atomic
def _merge(admin: BaseAdmin, request: HttpRequest, item: Item) -> HttpResponse:
    locked = admin.model.objects.select_for_update().get(pk=item.pk)
    stored = locked.autosaves.select_for_update().filter(user=request.user.pk).first()
    if stored is None:
        admin.message_user(request, _("These changes were already saved or discarded."), messages.INFO)
        return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)
    seen = parse_id(request.POST.get("seen")), request.POST.get("slot")
    if seen != (locked.revision_number, f"{stored.tab}:{stored.sequence}"):
        return render_page(admin, request, locked, status=409, again=True)
    theirs = revisions.current_fields(locked)
    mine = revisions.fields_from_form(locked, autosave.form_of(stored), theirs)
    fields = merged_fields(theirs, mine, base_of(locked, stored), request.POST)
    if fields.get("slug") != theirs.get("slug"):
        fields["slug"] = free_slug(fields["slug"], locked.pk, admin.model)
    revisions.write(item=locked, fields=fields, by=user_of(request))
    if differing(revisions.current_fields(locked), mine):
        revisions.set_aside(item=locked, fields=mine, by=user_of(request), number=stored.based_on)
    stored.delete()
    admin.log_change(request, locked, _("Merged two versions of the text."))
    message = _("Saved the merged version. What you did not choose is in the history.")
    admin.message_user(request, message, messages.SUCCESS)
    return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)


def merged_fields(
    theirs: EditableFields, mine: EditableFields, base: EditableFields | None, answers: QueryDict
) -> EditableFields:
    """Return the fields that the answers choose; without an answer, the proposal counts."""
    fields = dict(theirs)
    for name in differing(theirs, mine):
        if name == "body":
            cut = passages(theirs["body"], mine["body"], base["body"] if base else None)
            chosen = {p.number: answers.get(f"body-{p.number}") for p in cut if p.number is not None}
            fields["body"] = merged(cut, {n: answer for n, answer in chosen.items() if answer in ANSWERS})
        elif (answers.get(name) or proposal(name, theirs, mine, base)) == "mine":
            fields[name] = mine[name]
    return fields


def proposal(name: str, theirs: EditableFields, mine: EditableFields, base: EditableFields | None) -> str:
    """Propose the user's own value, unless only the other side changed it."""
    return "theirs" if base and name in base and same(name, base[name], mine[name]) else "mine"


def base_of(item: ArticleOrPage, stored: Autosave) -> EditableFields | None:
    """Return the fields that the user's changes started from, if that revision still exists."""
    revision = item.revisions.saved().filter(number=stored.based_on).first()
    return revisions.fields_of(revision) if revision else None


def render_page(
    admin: BaseAdmin, request: HttpRequest, item: ArticleOrPage, *, status: int = 200, again: bool = False
) -> HttpResponse:
    """Render the merge page. Also the answer to a save that came second."""
    stored = item.autosaves.get(user=request.user.pk)
    last = item.revisions.saved().select_related("created_by").defer("content").first()
    stale = stored.based_on != item.revision_number
    by = display_name(last.created_by) if stale and last and last.created_by != request.user else None
    theirs = revisions.current_fields(item)
    mine = revisions.fields_from_form(item, autosave.form_of(stored), theirs)
    context = admin.view_context(
        request,
        title=_("%(by)s saved while you were writing") % {"by": by} if by else _("Your unsaved changes"),
        original=item,
        autosave=stored,
        sheet=sheet_of(theirs, mine, base_of(item, stored)),
        by=by,
        saved=time_or_date(last.created_at if last else item.updated_at),
        written=time_or_date(stored.saved_at),
        stale=stale,
        again=again,
    )
    return TemplateResponse(request, "admin/articles/article/merge_conflict.html", context, status=status)


def sheet_of(theirs: EditableFields, mine: EditableFields, base: EditableFields | None) -> Sheet:
    sheet = Sheet()
    for name in differing(theirs, mine):
        if name == "body":
            cut = passages(theirs["body"], mine["body"], base["body"] if base else None)
            sheet.text = [_run(passage) for passage in cut]
            continue
        old, new = display_value(name, theirs[name]), display_value(name, mine[name])
        known = base is not None and name in base
        before = display_value(name, base[name]) if base is not None and known else ""
        proposed = proposal(name, theirs, mine, base)
        both = bool(base and name in base and proposed == "mine" and not same(name, base[name], theirs[name]))
        sides = (_changed(name, before, old), _changed(name, before, new)) if known else _unknown(name, old, new)
        sheet.facts.append(Choice(name, str(LABELS[name]), proposed, [("p", *sides)], both))
    return sheet


def _run(passage: Passage) -> Run:
    if passage.number is None:
        return Run(unchanged=len(passage.theirs))
    label = _("Passage %(value)s") % {"value": passage.number + 1}
    may_be_both = bool(passage.theirs and passage.mine)
    combined = combined_changes(passage) if passage.combined else []
    name = f"body-{passage.number}"
    choice = Choice(name, label, passage.chosen, changes(passage), passage.both_changed, may_be_both, combined)
    return Run(choice=choice)


def _changed(name: str, before: str, value: str) -> list[Part]:
    """Return a value of a field with what was changed in it."""
    if value == before:
        return [Part("=", value)]
    return word_diff(before, value) if name in SINGLE_LINE_FIELDS else [Part("+", value)]


def _unknown(name: str, old: str, new: str) -> tuple[list[Part], list[Part]]:
    return marked(old, new) if name in SINGLE_LINE_FIELDS else ([Part("=", old)], [Part("=", new)])
