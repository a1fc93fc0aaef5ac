"""Newsletters of the demo, sent through the services that the newsroom uses."""

from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from io import StringIO

from django.utils import timezone

from articles.models import Article, Author
from subscriptions.models import User
from truthlytics.newsletters.models import Issue, IssueArticle, Newsletter, SignUp
from truthlytics.newsletters.services import follows
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.newsletters.services.sign_up import address_for
from truthlytics.web.types import Content


def load_newsletters(content: Content, accounts: Mapping[str, User], now: datetime) -> None:
    """Load the newsletters of `newsletters.toml`, and send their issues, which are at /demo/emails/ then.

    What readers follow, they have followed for some days: `tick` soon sends them what has appeared since then.
    """
    for fields in content["follows"]:
        follows.follow(
            address=address_for(accounts[fields["reader"]].email),
            followed=[("author", Author.objects.get(slug=fields["author"]).pk)],
            frequency=fields["frequency"],
            now=now - timedelta(days=fields["days"]),
        )
    for position, fields in enumerate(content["newsletters"]):
        columns = {name: fields[name] for name in ("name", "slug", "description")}
        newsletter = Newsletter.objects.create(position=position, **columns)
        for key in fields["readers"]:
            address = address_for(accounts[key].email)
            SignUp.objects.create(address=address, newsletter=newsletter, source=SignUp.Source.ACCOUNT)
        issue = Issue.objects.create(
            newsletter=newsletter,
            state=Issue.State.SCHEDULED,
            send_at=timezone.now(),
            created_by=accounts["editor"],
            **{name: fields[name] for name in ("kind", "subject", "preview_text")},
        )
        articles = {article.slug: article for article in Article.objects.filter(slug__in=fields["articles"])}
        for number, slug in enumerate(fields["articles"]):
            IssueArticle.objects.create(issue=issue, newsletter=newsletter, article=articles[slug], position=number)
        # The demo prints emails; these are too long for that.
        with redirect_stdout(StringIO()):
            work_on.call(issue_id=issue.pk)
