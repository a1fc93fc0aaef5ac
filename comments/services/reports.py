"""Reporting comments to the moderators."""

from comments.models import Comment, Report
from truthlytics.web.users import User


def report_comment(*, comment: Comment, reporter: User, reason: str, words: str = "") -> bool:
    """Report `comment` to the moderators. Returns False if `reporter` reported it before: each user can do so once."""
    _report, created = Report.objects.get_or_create(
        comment=comment, reporter=reporter, defaults={"reason": reason, "words": words}
    )
    return created
