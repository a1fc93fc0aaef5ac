"""Error reports by readers: storing, answering and dismissing them, and closing them with corrections."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from articles.models import Article, Correction, ErrorReport, ReportState, Version
from articles.models.error_reports import RETENTION
from articles.richtext.anchors import Anchor, anchor_at, body_text, find_anchor
from articles.seo.meta import absolute_url
from articles.services.publishing import lock
from articles.services.remarks import add_remark
from truthlytics.audit.log import log_changes
from truthlytics.events.models import Event, Kind
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.publication.language import content_language
from truthlytics.publication.mail import send_email
from truthlytics.web.users import User


class HandlingError(Exception):
    """The report cannot be answered, dismissed or corrected. The message is a sentence for the editor."""


def text_of(fields: Mapping[str, str]) -> str:
    """Return the plain text in which passages are found: headline, standfirst and body of a version's content."""
    return "\n".join([fields["headline"], fields["standfirst"], body_text(fields["body"])])


def text_of_version(version: Version | None) -> str | None:
    """Return `text_of` a version; None if its text was redacted or there is no version."""
    return text_of(json.loads(version.content)) if version is not None and version.content is not None else None


def text_of_draft(article: Article) -> str:
    """Return `text_of` the text as editors last saved it."""
    return text_of({"headline": article.headline, "standfirst": article.standfirst, "body": article.body})


def receive_report(*, report: ErrorReport) -> None:
    """Save `report`, once per key, with the position of the passage in the version.

    Does not return whether the passage was found: the reader may not have access to all of the version.
    """
    text = text_of_version(report.version)
    if text is not None and (span := find_anchor(text, report.anchor)) is not None:
        place = anchor_at(text, *span)
        report.prefix, report.suffix, report.position = place.prefix, place.suffix, place.position
    try:
        with transaction.atomic():
            report.save()
            add_events(_event(Kind.ERROR_REPORT_RECEIVED, report))
    except IntegrityError:
        # The form was submitted twice; any other error is raised again.
        if not ErrorReport.objects.filter(key=report.key).exists():
            raise


@transaction.atomic
def answer_report(*, report: ErrorReport, by: User, text: str) -> None:
    """Close `report` with an answer, and email it to readers who gave an address. Raises HandlingError."""
    report = _lock_waiting(report)
    report.close(ReportState.ANSWERED, by=by, at=timezone.now(), answer=text)
    _resolve_remark(report, by)
    add_events(_event(Kind.ERROR_REPORT_ANSWERED, report))
    _send("error_report_answered", report)


@transaction.atomic
def dismiss_report(*, report: ErrorReport, by: User, reason: str) -> None:
    """Close `report` with a reason for the newsroom. The reader gets no email. Raises HandlingError."""
    report = _lock_waiting(report)
    report.close(ReportState.DISMISSED, by=by, at=timezone.now(), answer=reason)
    _resolve_remark(report, by)


@transaction.atomic
def draft_correction(*, report: ErrorReport, by: User) -> ErrorReport:
    """Add the report as a remark to the passage in the saved draft. The next correction can then close it.

    Returns the report with its `remark`. Raises HandlingError.
    """
    report = _lock_waiting(report)
    article = report.version.article
    if report.state == ReportState.DRAFTED:
        raise HandlingError(_described(report))
    if article.state() == "withdrawn":
        raise HandlingError(_("The article is withdrawn. Restore it before you correct it."))
    text = "\n\n".join(part for part in (report.text, report.source) if part)
    report.remark = add_remark(
        article=article, by=None, text=text, anchor=_anchor_in_draft(report), key=report.key, name=_("A reader")
    )
    report.state, report.drafted_by, report.drafted_at = ReportState.DRAFTED, by, timezone.now()
    report.save(update_fields=["remark", "state", "drafted_by", "drafted_at"])
    return report


def _anchor_in_draft(report: ErrorReport) -> Anchor:
    """Return the passage as it is in the body of the saved draft, or as the reader gave it."""
    body = body_text(report.version.article.body)
    span = find_anchor(body, report.anchor)
    return anchor_at(body, *span) if span else Anchor(report.quote)


@transaction.atomic
def settle_with(*, version: Version, reports: Collection[int]) -> None:
    """Close the drafted `reports` (ids) of the article once the correction of `version` is public.

    Its other drafted reports stay open.
    """
    for report in ErrorReport.objects.drafted(version.article_id).select_for_update():
        report.settled_from = version.number if report.pk in reports else None
        report.save(update_fields=["settled_from"])
    close_settled(timezone.now())


def close_settled(now: datetime) -> int:
    """Close drafted reports after their correction has become public, and thank the readers. Return how many.

    Called after publishing, and by `manage.py tick` for scheduled corrections.
    """
    pending = ErrorReport.objects.filter(state=ReportState.DRAFTED, settled_from__isnull=False)
    return sum(_close_if_public(report, now) for report in pending.order_by("pk"))


@transaction.atomic
def _close_if_public(report: ErrorReport, now: datetime) -> bool:
    report = lock(report)
    if report.state != ReportState.DRAFTED or report.settled_from is None:
        return False
    corrections = Correction.objects.public(now).select_related("version", "made_by").order_by("version__number")
    correction = corrections.filter(
        version__article=report.version.article_id, version__number__gte=report.settled_from
    ).first()
    if correction is None:
        return False
    with log_changes([report], by=correction.made_by, message=_("Closed with a correction.")):
        report.close(ReportState.CORRECTED, by=correction.made_by, at=now, correction=correction)
    _resolve_remark(report, correction.made_by)
    _send("error_report_corrected", report)
    return True


def credit_for(reports: list[ErrorReport], language: str) -> str:
    """Return the sentence that thanks the readers who want to be named, in the article's `language`; "" for none."""
    names = list(dict.fromkeys(report.name for report in reports if report.name))
    if not names:
        return ""
    with override(content_language(language)):
        joined = (
            names[0]
            if len(names) == 1
            else _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
        )
        return _("Reported by %(names)s.") % {"names": joined}


def forget_reader(email: str) -> int:
    """Delete the address and the name in the reports of a reader who deletes their account. Return how many."""
    return ErrorReport.objects.filter(email__iexact=email).update(email="", name="")


def delete_personal_data(now: datetime) -> int:
    """Delete the addresses and names in reports older than a year. Return how many. Run by `manage.py tick`."""
    old = ErrorReport.objects.filter(created_at__lte=now - RETENTION)
    return old.exclude(email="", name="").update(email="", name="")


def _lock_waiting(report: ErrorReport) -> ErrorReport:
    """Lock the row of `report`. Raises HandlingError if it is closed."""
    report = lock(report)
    if not report.is_waiting:
        raise HandlingError(_described(report))
    return report


def _described(report: ErrorReport) -> str:
    user = report.drafted_by if report.state == ReportState.DRAFTED else report.closed_by
    values = {"user": user or _("Another user")}
    return {
        ReportState.DRAFTED: _("%(user)s has made it a correction in the meantime."),
        ReportState.CORRECTED: _("%(user)s has published a correction in the meantime."),
        ReportState.ANSWERED: _("%(user)s has answered it in the meantime."),
        ReportState.DISMISSED: _("%(user)s has dismissed it in the meantime."),
    }[ReportState(report.state)] % values


def _resolve_remark(report: ErrorReport, by: User | None) -> None:
    if report.remark is not None:
        report.remark.resolve(by=by)


def _event(kind: Kind, report: ErrorReport) -> Event:
    path = report.version.article.get_absolute_url()
    return new_event(kind, key=str(report.pk), id=report.pk, path=path)


def _send(name: str, report: ErrorReport) -> None:
    if report.email:
        article = report.version.article
        context = {
            "report": report,
            "headline": report.version.headline,
            "address": absolute_url(article.get_absolute_url()),
        }
        send_email(name, to=report.email, context=context)
