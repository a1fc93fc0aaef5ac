"""Load the demo's error reports with the service for readers, and backdate them."""

from datetime import datetime, timedelta

from articles.models import Article, ErrorReport, ReportState
from articles.services.error_reports import receive_report
from subscriptions.models import User
from truthlytics.web.types import Content


def load_error_reports(content: Content, editor: User, now: datetime) -> None:
    """Load the reports. Those with `corrected_by` are closed with the correction of that version."""
    for fields in content["reports"]:
        versions = Article.objects.get(slug=fields["article"]).versions.select_related("correction")
        corrected = versions.get(number=fields["corrected_by"]) if "corrected_by" in fields else None
        written = {name: fields.get(name, "") for name in ("quote", "text", "source", "email", "name")}
        received = (corrected.public_from if corrected else now) - timedelta(hours=fields["hours"])
        report = ErrorReport(version=versions.get(number=fields["version"]), created_at=received, **written)
        receive_report(report=report)
        if corrected:
            report.close(ReportState.CORRECTED, by=editor, at=corrected.public_from, correction=corrected.correction)
