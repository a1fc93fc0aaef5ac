"""Reports of errors in the demo: received through the service that readers use, then backdated."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from articles.models import Article, ErrorReport, ReportState
from articles.services.error_reports import receive_report
from subscriptions.models import User


def load_error_reports(content: Mapping[str, Any], editor: User, now: datetime) -> None:
    """Load the reports. One that led to a correction is closed with it."""
    for fields in content["reports"]:
        versions = Article.objects.get(slug=fields["article"]).versions.select_related("correction")
        corrected = versions.get(number=fields["corrected_by"]) if "corrected_by" in fields else None
        written = {name: fields.get(name, "") for name in ("quote", "text", "source", "email", "name")}
        received = (corrected.public_from if corrected else now) - timedelta(hours=fields["hours"])
        report = ErrorReport(version=versions.get(number=fields["version"]), created_at=received, **written)
        receive_report(report=report)
        if corrected:
            report.close(ReportState.CORRECTED, by=editor, at=corrected.public_from, correction=corrected.correction)
