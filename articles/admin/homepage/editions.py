"""Editions of the front page: publishing the draft, and listing, restoring and unscheduling editions."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.formatting import long_datetime
from articles.admin.homepage.arrangement import Slot, build_arrangement
from articles.forms.homepage import EditionForm, RestoreForm
from articles.models import HomepageDraft, HomepageEdition, layout_served
from articles.services.homepage import (
    DraftConflict,
    EditionConflict,
    last_number,
    publish_draft,
    save_draft,
    unschedule_edition,
)
from truthlytics.web.cursor_pagination import page
from truthlytics.web.users import User, user_of

PAGE_SIZE = 50
MAX_NUMBER = 2**31 - 1
# Symbol, label and badge of each state.
STATES = {
    "live": ("●", gettext_lazy("Live"), "published"),
    "scheduled": ("◷", gettext_lazy("Scheduled"), "scheduled"),
    "past": ("○", gettext_lazy("Past"), "draft"),
    "unscheduled": ("×", gettext_lazy("Unscheduled"), "withdrawn"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """Show what a new edition changes; publish it now or schedule it."""
    draft, live = HomepageDraft.current(), HomepageEdition.objects.due().first()
    initial = {"last": last_number(), "seen": draft.version}
    form = EditionForm(request.POST if request.method == "POST" else None, initial=initial)
    blocker = ""
    if live is not None and live.content == draft.content and not HomepageEdition.objects.scheduled().exists():
        blocker = _("There are no changes since edition %(number)s, which is live.") % {"number": live.number}
    if request.method == "POST" and not blocker and form.is_valid():
        edition = _publish(form, user_of(request))
        if edition is not None:
            admin.log_addition(
                request, edition, _("Published edition %(number)s of the front page.") % {"number": edition.number}
            )
            admin.message_user(request, _success_message(edition), messages.SUCCESS)
            return redirect("admin:front_editions")
    after, before = build_arrangement(draft.layout), build_arrangement(layout_served())
    live_slots = {slot.key: slot for slot in before.slots}
    pairs = [(live_slots.get(slot.key), slot) for slot in after.slots]
    context = admin.view_context(
        request,
        title=_("Publish the front page"),
        form=form,
        draft=draft,
        orders=(before.order_of_rows, after.order_of_rows),
        records=(before.layout.record, after.layout.record),
        number=last_number() + 1,
        blocker=blocker,
        changes=[(old, new) for old, new in pairs if _differ(old, new)],
        waiting=HomepageEdition.objects.scheduled()[:5],
        zone=timezone.get_current_timezone_name(),
        now=timezone.now(),
    )
    return TemplateResponse(request, "admin/articles/homepage/publish.html", context, status=form.status)


def _publish(form: EditionForm, by: User) -> HomepageEdition | None:
    """Publish the draft. On a conflict, add an error to the form and return None."""
    data = form.cleaned_data
    try:
        return publish_draft(seen=data["seen"], last=data["last"], by=by, at=data["at"], note=data["note"])
    except EditionConflict as conflict:
        current = {"last": str(last_number()), "seen": str(HomepageDraft.current().version)}
        form.data = {**form.data.dict(), **current}  # type: ignore[attr-defined]
        message = str(conflict)
        if isinstance(conflict, DraftConflict):
            message = _("%(conflict)s The current draft is shown below.") % {"conflict": conflict}
        form.add_error(None, message)
    return None


def _differ(before: Slot | None, after: Slot) -> bool:
    return before is None or before.article != after.article


def _success_message(edition: HomepageEdition) -> str:
    if edition.public_from > timezone.now():
        return _("Edition %(number)s is scheduled for %(public_from)s.") % {
            "number": edition.number,
            "public_from": long_datetime(edition.public_from),
        }
    return _("Edition %(number)s is live.") % {"number": edition.number}


@require_safe
def list_page(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    now = timezone.now()
    editions = page(
        HomepageEdition.objects.select_related("created_by"),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
        time="created_at",
        tie="number",
    )
    live = HomepageEdition.objects.due(now).first()
    rows = [(edition, _badge(edition, live, now)) for edition in editions.items]
    context = admin.view_context(request, title=_("Front page editions"), rows=rows, after=editions.after, now=now)
    return TemplateResponse(request, "admin/articles/homepage/editions.html", context)


def _badge(edition: HomepageEdition, live: HomepageEdition | None, now: datetime) -> str:
    if edition.superseded_at:
        state = "unscheduled"
    elif edition.public_from > now:
        state = "scheduled"
    else:
        state = "live" if edition == live else "past"
    symbol, label, badge = STATES[state]
    return format_html(
        '<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>', badge, symbol, label
    )


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, admin: BaseAdmin, number: int) -> HttpResponse:
    """Copy an edition into the draft. Readers see it once it is published again."""
    edition, draft = _get_edition(number), HomepageDraft.current()
    form = RestoreForm(request.POST if request.method == "POST" else None, initial={"seen": draft.version})
    if request.method == "POST" and form.is_valid():
        try:
            draft = save_draft(layout=edition.layout, seen=form.cleaned_data["seen"], by=user_of(request))
        except DraftConflict as conflict:
            form.data = {"seen": str(conflict.draft.version)}
            form.add_error(None, _("%(conflict)s Restoring would replace it.") % {"conflict": conflict})
        else:
            admin.log_change(request, draft, _("Restored edition %(number)s into the draft.") % {"number": number})
            admin.message_user(
                request,
                _("Edition %(number)s was restored to the draft. Publish it to make it live.") % {"number": number},
            )
            return redirect("admin:front")
    return _render_confirmation(
        request, admin, edition, form=form, message=_replacement_warning(draft), button=_("Restore to draft")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unschedule_page(request: HttpRequest, admin: BaseAdmin, number: int) -> HttpResponse:
    """Unschedule an edition. It stays in the list."""
    edition = _get_edition(number)
    if request.method == "POST":
        done = unschedule_edition(edition=edition)
        if done:
            admin.log_change(
                request, edition, _("Unscheduled edition %(number)s of the front page.") % {"number": number}
            )
            admin.message_user(request, _("Edition %(number)s unscheduled.") % {"number": number}, messages.SUCCESS)
        else:
            admin.message_user(
                request, _("Edition %(number)s is no longer scheduled.") % {"number": number}, messages.WARNING
            )
        return redirect("admin:front_editions")
    scheduled = edition.superseded_at is None and edition.public_from > timezone.now()
    message = _("It is no longer scheduled.")
    if scheduled:
        message = _("It will not go live on %(public_from)s.") % {"public_from": long_datetime(edition.public_from)}
    return _render_confirmation(request, admin, edition, message=message, button=_("Unschedule") if scheduled else "")


def _get_edition(number: int) -> HomepageEdition:
    return get_object_or_404(HomepageEdition.objects.select_related("created_by"), number=min(number, MAX_NUMBER))


def _replacement_warning(draft: HomepageDraft) -> str:
    if not draft.version:
        return _("The draft without changes will be replaced with this edition.")
    return _("The draft saved by %(user)s on %(time)s will be replaced with this edition.") % {
        "user": draft.saved_by or _("a former user"),
        "time": long_datetime(draft.saved_at),
    }


def _render_confirmation(
    request: HttpRequest, admin: BaseAdmin, edition: HomepageEdition, *, message: str, button: str,
    form: RestoreForm | None = None,
) -> HttpResponse:  # fmt: skip
    context = admin.view_context(
        request, title=str(edition), edition=edition, form=form, message=message, button=button
    )
    status = 409 if form is not None and form.errors else 200
    return TemplateResponse(request, "admin/articles/homepage/confirm.html", context, status=status)
