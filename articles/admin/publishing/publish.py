"""The publish page of an article, dossier or page: a summary, check results, and the time to publish."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.local_time import future_expiry
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import are_valid, collect_forms, get_publishable_item, log_and_redirect
from articles.forms.articles import PublishForm
from articles.forms.responsibility import ResponsibilityForm
from articles.forms.schedule import time_presets
from articles.models import Article, ChangeKind, ErrorReport
from articles.models.base_version import BaseVersion
from articles.models.publishable import reader_number
from articles.services import change_kinds, publishing
from articles.services.error_reports import credit_for, settle_with
from articles.services.item_types import Item, item_type
from articles.services.publishing import NotReadyError
from articles.services.reviews import add_review, must_state_ai_uses
from articles.services.revisions import state_ai_uses
from articles.signals import collect_publish_forms
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    """Show what will be published and what the checks found; publish or schedule it on POST."""
    item = get_publishable_item(admin, request, pk)
    scheduled = item.scheduled_version()
    proposal = change_kinds.proposed_kind(item)
    reports = _reports(item, has_other_words=proposal is not None)
    data = request.POST if request.method == "POST" else None
    findings, obstacles = admin.findings(item), publish_obstacles(item)
    initial = _initial(item, scheduled, reports)
    form = PublishForm(data, initial=initial, proposal=proposal, reports=reports, left_open=findings.left_open)
    more_forms = collect_forms(collect_publish_forms, item, user_of(request), data)
    stated = _responsibility(item, user_of(request), data)
    all_forms = [form, *more_forms, stated]
    if data is not None and not obstacles and not findings.blocking and are_valid(*all_forms):
        version = _publish(item, form, stated, more_forms, user_of(request))
        if version is not None:
            return log_and_redirect(admin, request, item, _success_message(item, version, form), more_forms)
        findings, obstacles = admin.findings(item), publish_obstacles(item)
    context = admin.view_context(
        request,
        title=_("Publish changes") if item.served_version() else _("Publish"),
        original=item,
        badge=admin.badges(item),
        form=form,
        more_forms=more_forms,
        responsibility=stated,
        proposal=proposal,
        kinds=list(ChangeKind),
        check_results=findings,
        obstacles=obstacles,
        publishable=not obstacles and not findings.blocking,
        unchanged=_unchanged(item),
        next=item.versions.was_public().count() + 1,
        scheduled=scheduled,
        expires_at=future_expiry(item),
        zone=timezone.get_current_timezone_name(),
        now=timezone.now(),
        presets=time_presets(),
        **admin.publish_context(item),
    )
    return TemplateResponse(request, "admin/articles/publish.html", context, status=_status(form, all_forms[1:]))


def _reports(item: Item, *, has_other_words: bool) -> list[ErrorReport]:
    """Return the error reports that can be closed. Only articles have any, and only a change of words closes one."""
    return list(ErrorReport.objects.drafted(item.pk)) if has_other_words else []


def _responsibility(item: Item, user: User, data: Any) -> ResponsibilityForm:
    """Return the form for the use of AI and the review of the text."""
    content, must_state = publishing.content_of(item), must_state_ai_uses(item)
    return ResponsibilityForm(data, item=item, content=content, user=user, must_state=must_state)


def _status(form: PublishForm, more_forms: list[Any]) -> int:
    if any(each.errors for each in more_forms):
        return 422
    return 200 if any(getattr(each, "needs_confirmation", False) for each in more_forms) else form.status


def _initial(item: Item, scheduled: Any, reports: list[ErrorReport]) -> dict[str, object]:
    """Return the initial values of the form. A scheduled version keeps its time unless the user changes it."""
    initial = {"last": last_version_number(item), "revision": getattr(item, "revision_number", None)}
    initial |= {"reports": [report.pk for report in reports], "credit": _credit(item, reports, scheduled)}
    if scheduled is None:
        return initial
    at = timezone.localtime(scheduled.public_from)
    initial |= {"when": PublishForm.LATER, "day": at.date(), "hour": at.time()}
    return initial | ({"kind": scheduled.change.kind, "note": scheduled.note} if scheduled.change else {})


def _credit(item: Item, reports: list[ErrorReport], scheduled: BaseVersion | None) -> str:
    """Return the thanks to the readers of `reports`, unless the note of the scheduled version has it already."""
    credit = credit_for(reports, getattr(item, "language", ""))
    return "" if scheduled and credit in scheduled.note else credit


def last_version_number(item: Item) -> int:
    """Return the number of the newest version in the record."""
    last = item.versions.order_by("-number").values_list("number", flat=True).first()
    return last or 0


def publish_obstacles(item: Item) -> list[str]:
    """Return sentences that say why nothing can be published now, besides what the checks find."""
    if item.state() == "withdrawn" and not publishing.text_was_removed(item):
        return [_("It is withdrawn. Restore it to the site first.")]
    # In pages and dossiers, the use of AI is only stated here, so that it may be the change.
    return item_type(item).missing(item) or (_unchanged(item) if isinstance(item, Article) else [])


def _unchanged(item: Item) -> list[str]:
    """Return a sentence if publishing `item` would change nothing."""
    served = item.served_version()
    if not served or item.scheduled_version() or publishing.differs(item, served):
        return []
    number = reader_number(item.versions, served.number)
    return [_("Nothing has changed since version %(number)s, which readers see.") % {"number": number}]


def _publish(item: Item, form: PublishForm, stated: ResponsibilityForm, more_forms: list[Any], user: User) -> Any:
    """Publish and return the version. If that fails, or another user was faster, add the error to `form`."""
    data = form.cleaned_data
    with transaction.atomic():
        locked = publishing.lock(item)
        last, revision = last_version_number(locked), getattr(locked, "revision_number", None)
        if last != data["last"]:
            form.data = {**form.data.dict(), "last": str(last)}  # type: ignore[attr-defined]
            number = reader_number(locked.versions, last)
            message = _("Version %(number)s was published in the meantime. Check it before you publish another.") % {
                "number": number
            }
            form.add_error(None, message)
            return None
        if data["revision"] not in (None, revision):
            form.data = {**form.data.dict(), "revision": str(revision)}  # type: ignore[attr-defined]
            form.add_error(None, _("The text was saved again in the meantime. Check the changes before you publish."))
            return None
        try:
            with transaction.atomic():  # Nothing of it is kept if something is missing.
                _state(item, stated, user)
                version = publishing.publish(
                    item=item,
                    by=user,
                    at=data["at"],
                    note=form.public_note,
                    kind=data["kind"],
                    without=data.get("without", ()),
                )
                if "reports" in form.fields:
                    settle_with(version=version, reports=data["reports"])
                for each in more_forms:
                    each.published(version=version, by=user)
                return version
        except NotReadyError as error:
            form.add_error(None, ValidationError(error.reasons))
    return None


def _state(item: Item, form: ResponsibilityForm, user: User) -> None:
    """Write what was stated to the draft of `item`, which is published next. Refreshes `item`.

    Raises NotReadyError if nothing has changed, then.
    """
    state_ai_uses(item=item, uses=form.cleaned_data["ai_uses"], sentences=form.sentences, by=user)
    if form.review:
        add_review(item=item, content=form.content, by=user, **form.review)
    if unchanged := _unchanged(item):
        raise NotReadyError(unchanged)


def _success_message(item: Item, version: BaseVersion, form: PublishForm) -> str:
    """Say what was done; the audit log has it too."""
    values = {
        "number": reader_number(item.versions, version.number),
        "public_from": long_datetime(version.public_from),
        "checks": ", ".join(form.cleaned_data.get("without", ())),
    }
    text = _("Version %(number)s is published.")
    if version.public_from > timezone.now():
        text = _("Version %(number)s is scheduled for %(public_from)s.")
    if values["checks"]:
        text = f"{text} {_('These checks had failed: %(checks)s.')}"
    return text % values
