"""Editions of the front page: the draft becomes one, old ones are listed, restored or given up before their time."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.formatting import long_datetime
from articles.admin.homepage.arrangement import arrangement
from articles.forms.homepage import EditionForm, RestoreForm
from articles.models import HomepageDraft, HomepageEdition, layout_served
from articles.services.homepage import DraftConflict, EditionConflict, give_up, last_number, publish_draft, save_draft
from truthlytics.web.cursor_pagination import page

AT_ONCE = 50
STATES = {"served": ("●", "Served"), "waiting": ("◷", "Due"), "past": ("○", "Past"), "ended": ("×", "Given up")}
NOTHING_NEW = "Nothing differs from edition {}, which readers see."


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, admin: Any) -> HttpResponse:
    """What will change for readers; then it changes, now or at a set time."""
    draft, served = HomepageDraft.current(), HomepageEdition.objects.due().first()
    initial = {"last": last_number(), "seen": draft.version}
    form = EditionForm(request.POST if request.method == "POST" else None, initial=initial)
    nothing_new = (
        served is not None and served.content == draft.content and not HomepageEdition.objects.waiting().exists()
    )
    if request.method == "POST" and not nothing_new and form.is_valid():
        edition = _publish(form, request.user)
        if edition is not None:
            admin.log_addition(request, edition, f"Published edition {edition.number} of the front page.")
            admin.message_user(request, _what_happened(edition), messages.SUCCESS)
            return redirect("admin:front_editions")
    after = arrangement(draft.layout)
    now = arrangement(layout_served())
    before = {slot.key: slot for slot in now.slots}
    context = admin.context(
        request, title="Publish the front page", form=form, draft=draft,
        rows=(now.rows, after.rows),
        number=last_number() + 1, hindrance=NOTHING_NEW.format(served.number) if served and nothing_new else "",
        changes=[(before.get(slot.key), slot) for slot in after.slots if _differs(before.get(slot.key), slot)],
        waiting=HomepageEdition.objects.waiting()[:5],
        zone=timezone.get_current_timezone_name(), now=timezone.now(),
    )  # fmt: skip
    return TemplateResponse(request, "admin/articles/homepage/publish.html", context, status=form.status)


def _publish(form: EditionForm, by: Any) -> HomepageEdition | None:
    """None where somebody was first; then `form` says so, and knows what there is to be seen now."""
    data = form.cleaned_data
    try:
        return publish_draft(seen=data["seen"], last=data["last"], by=by, at=data["at"], note=data["note"])
    except EditionConflict as overtaken:
        fresh = {"last": str(last_number()), "seen": str(HomepageDraft.current().version)}
        form.data = {**form.data.dict(), **fresh}  # type: ignore[attr-defined]
        again = " Below is what stands now." if isinstance(overtaken, DraftConflict) else ""
        form.add_error(None, f"{overtaken}{again}")
    return None


def _differs(before: Any, after: Any) -> bool:
    return before is None or before.article != after.article


def _what_happened(edition: HomepageEdition) -> str:
    if edition.public_from > timezone.now():
        return f"Edition {edition.number} will be the front page on {long_datetime(edition.public_from)}."
    return f"Edition {edition.number} is the front page."


@require_safe
def list_page(request: HttpRequest, admin: Any) -> HttpResponse:
    now = timezone.now()
    found = page(
        HomepageEdition.objects.select_related("made_by"),
        after=request.GET.get("after", ""), size=AT_ONCE, time="made_at", tie="number",
    )  # fmt: skip
    served = HomepageEdition.objects.due(now).first()
    rows = [(edition, _badge(edition, served, now)) for edition in found.items]
    context = admin.context(request, title="Editions of the front page", rows=rows, after=found.after, now=now)
    return TemplateResponse(request, "admin/articles/homepage/editions.html", context)


def _badge(edition: HomepageEdition, served: HomepageEdition | None, now: datetime) -> str:
    waits = edition.public_from > now
    state = "ended" if edition.superseded_at else "waiting" if waits else "served" if edition == served else "past"
    shape, word = STATES[state]
    kind = {"served": "published", "waiting": "scheduled", "ended": "withdrawn"}.get(state, "draft")
    return format_html('<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>', kind, shape, word)


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, admin: Any, number: int) -> HttpResponse:
    """An old edition becomes the draft; readers see it only once it is published again."""
    edition, draft = _edition(number), HomepageDraft.current()
    form = RestoreForm(request.POST if request.method == "POST" else None, initial={"seen": draft.version})
    if request.method == "POST" and form.is_valid():
        try:
            draft = save_draft(layout=edition.layout, seen=form.cleaned_data["seen"], by=request.user)
        except DraftConflict as overtaken:
            form.data = {"seen": str(overtaken.draft.version)}
            form.add_error(None, f"{overtaken} It would be replaced.")
        else:
            admin.log_change(request, draft, f"Restored edition {number} into the draft of the front page.")
            admin.message_user(request, f"Edition {number} is the draft now. Readers see no change yet.")
            return redirect("admin:front")
    words = f"Its places become the draft. What stands in the draft now, {_of(draft)}, is replaced."
    return _confirm(request, admin, edition, form, words, "Restore into the draft")


@require_http_methods(["GET", "HEAD", "POST"])
def give_up_page(request: HttpRequest, admin: Any, number: int) -> HttpResponse:
    """A waiting edition never appears; it stays in the list."""
    edition = _edition(number)
    if request.method == "POST":
        done = give_up(edition=edition)
        if done:
            admin.log_change(request, edition, f"Gave up edition {number} of the front page.")
        said = f"Edition {number} will not appear." if done else f"Edition {number} does not wait any more."
        admin.message_user(request, said, messages.SUCCESS if done else messages.WARNING)
        return redirect("admin:front_editions")
    waits = edition.superseded_at is None and edition.public_from > timezone.now()
    words = f"It will not appear on {long_datetime(edition.public_from)}." if waits else "It does not wait any more."
    return _confirm(request, admin, edition, None, words, "Unschedule" if waits else "")


def _edition(number: int) -> HomepageEdition:
    # An integer that no column holds is no edition's number.
    return get_object_or_404(HomepageEdition.objects.select_related("made_by"), number=min(number, 2**31 - 1))


def _of(draft: HomepageDraft) -> str:
    if not draft.version:
        return "which nobody has touched"
    return f"saved by {draft.saved_by or 'somebody'} on {long_datetime(draft.saved_at)}"


def _confirm(
    request: HttpRequest, admin: Any, edition: HomepageEdition, form: Any, words: str, button: str
) -> HttpResponse:
    context = admin.context(request, title=str(edition), edition=edition, form=form, words=words, button=button)
    status = 409 if form is not None and form.errors else 200
    return TemplateResponse(request, "admin/articles/homepage/confirm.html", context, status=status)
