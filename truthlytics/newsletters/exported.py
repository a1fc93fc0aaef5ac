"""What an export contains of newsletters, and the reasons for what it does not contain."""

from dataclasses import dataclass

from truthlytics.exports.reasons import DERIVED, PERSONAL, QUIET, SERVER, STAFF, WORK
from truthlytics.exports.tables import Children, Context, Table
from truthlytics.newsletters.models import Issue, IssueArticle, IssueImage, Newsletter
from truthlytics.web.types import AnyRows


@dataclass(frozen=True)
class Issues(Table):
    """Issues of newsletters that were sent, so that an import sends none."""

    def rows(self, context: Context) -> AnyRows:
        return super().rows(context).filter(state__in=[Issue.State.SENT, Issue.State.STOPPED])


NEWSLETTERS = Table(
    "newsletters", Newsletter,
    {"schedule": QUIET, "weekday": QUIET, "time": QUIET, "scheduled_since": QUIET},
    (
        Children(
            "sections", Newsletter.sections.through, "newsletter", ("section",), ("section",), has_position=False
        ),
    ),
)  # fmt: skip
ISSUES = Issues(
    "newsletter_issues", Issue,
    {"corrects": SERVER, "correction": DERIVED, "digest_until": QUIET, "digest_day": QUIET, "send_at": QUIET,
     "created_by": STAFF, "approved_by": STAFF, "pause_reason": WORK, "accepted_failures": WORK, "audience": WORK,
     "wait_until": SERVER, "sender": SERVER, "sender_until": SERVER},
    (
        Children(
            "articles", IssueArticle, "issue",
            ("newsletter", "article", "version", "position", "sentence", "is_repeated"), ("position", "pk"),
            has_position=False,
        ),
        Children("images", IssueImage, "issue", ("image",), ("image",), has_position=False),
    ),
)  # fmt: skip
# Models by label.
NOT_EXPORTED = {
    "newsletters.Address": f"{PERSONAL} {QUIET} The newsroom has a list of readers as CSV.",
    "newsletters.DeletedAddress": PERSONAL,
    "newsletters.Delivery": PERSONAL,
    "newsletters.Follow": f"{PERSONAL} {QUIET}",
    "newsletters.FollowedEmail": PERSONAL,
    "newsletters.ProviderEvent": PERSONAL,
    "newsletters.SignUp": f"{PERSONAL} {QUIET} The newsroom has a list of readers as CSV.",
    "newsletters.Variant": DERIVED,
}
