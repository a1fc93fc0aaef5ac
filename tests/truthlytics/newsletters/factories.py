"""Factory functions for newsletters."""

from itertools import count

from django.utils import timezone

from articles.services.publishing import publish
from tests.factories import make_article, make_user
from truthlytics.newsletters.models import Address, Issue, IssueArticle, Newsletter, SignUp

_numbers = count(1)


def make_newsletter(**fields):
    number = next(_numbers)
    defaults = {"name": f"Newsletter {number}", "slug": f"newsletter-{number}", "description": "Once a week."}
    return Newsletter.objects.create(**defaults | fields)


def make_address(*newsletters, **fields):
    """An address that is signed up for `newsletters`."""
    fields.setdefault("email", f"inbox{next(_numbers)}@example.org")
    address = Address.objects.create(**fields)
    for newsletter in newsletters:
        SignUp.objects.create(address=address, newsletter=newsletter, source="page")
    return address


def make_issue(newsletter=None, article=None, **fields):
    """An issue with `article`, by default a new one, that is due now."""
    newsletter = newsletter or make_newsletter()
    defaults = {"kind": "article", "subject": "Subject", "state": "scheduled", "send_at": timezone.now()}
    issue = Issue.objects.create(newsletter=newsletter, **defaults | fields)
    if issue.kind != "letter":
        IssueArticle.objects.create(issue=issue, newsletter=newsletter, article=article or make_article())
    return issue


def sent_with_correction(newsletter):
    """An issue that was sent, and a later correction of its article."""
    article = make_article(body="<p>It cost 5 million.</p>")
    issue = make_issue(newsletter, article, state="sent", prepared_at=timezone.now(), slug="2026-11-29")
    issue.articles.update(version=article.served())
    article.body = "<p>It cost 7 million.</p>"
    article.save()
    version = publish(item=article, kind="correction", note="It cost 7 million, not 5.", by=make_user())
    return issue, version.correction
