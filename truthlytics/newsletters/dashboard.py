"""Issues that wait for an editor, among the work of the dashboard."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from subscriptions.models import User
from truthlytics.newsletters.models import Issue
from truthlytics.web.slots import show_in

MAX_ROWS = 6


@show_in("dashboard_work")
def waiting_issues(request: HttpRequest, user: User) -> str:
    if not user.has_perm("newsletters.change_issue"):
        return ""
    issues = list(Issue.objects.needing_attention().select_related("newsletter")[:MAX_ROWS])
    return render_to_string("admin/newsletters/_waiting_issues.html", {"issues": issues}, request)
