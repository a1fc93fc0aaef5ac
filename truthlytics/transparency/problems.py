"""What the owner of the site must know about the record, as sentences."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from truthlytics.transparency.models import Log, Refusal, TimestampAuthority, Witness
from truthlytics.transparency.services.checkpoints import obstacle

# A witness may be unreachable for a while.
REPORT_AFTER = timedelta(days=1)
# How long the dashboard shows that the log of another site contradicts itself.
SHOW_REFUSALS_FOR = timedelta(days=30)


def why_unsigned() -> str:
    """Return why the log is not signed, which may name a file of the server, or ""."""
    return obstacle() if Log.objects.exists() else ""


def find_problems(now: datetime) -> list[str]:
    """Return what is wrong with our log, its witnesses and time stamps, and the logs that we watch, worst first."""
    problems = []
    if why_unsigned():
        problems.append(_("What is published now is not signed in the record. Settings → Record says why."))
    witnesses = list(Witness.objects.listed().exclude(problem="").order_by("pk"))
    for witness in sorted(witnesses, key=lambda witness: not witness.refuses):
        if witness.refuses or (witness.failing_since and witness.failing_since <= now - REPORT_AFTER):
            facts = {"name": witness.name, "why": witness.get_problem_display()}
            problems.append(_("The witness “%(name)s” has not signed your record: %(why)s") % facts)
    for authority in TimestampAuthority.objects.listed().filter(failing_since__lte=now - REPORT_AFTER).order_by("pk"):
        facts = {"name": authority.name, "why": authority.get_problem_display()}
        problems.append(_("The authority “%(name)s” gives no time stamps: %(why)s") % facts)
    refused = Refusal.objects.proven().filter(refused_at__gt=now - SHOW_REFUSALS_FOR).select_related("log")
    for name in dict.fromkeys(refusal.log.name for refusal in refused):
        problems.append(
            _("You are a witness for “%(name)s”, which has signed two different states. See both in the settings.")
            % {"name": name}
        )
    return problems
