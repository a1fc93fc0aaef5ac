"""Permissions for statistics. They are sums, but sums say which topics and colleagues are read."""

from django.db.models import QuerySet

from articles.models import Article, Author
from truthlytics.publication import get_publication
from truthlytics.web.users import User

# All articles.
PERMISSION = "articles.publish_article"
# After which articles readers subscribed.
SUBSCRIBERS = "subscriptions.view_subscription"


def may_see_all(user: User) -> bool:
    return user.has_perm(PERMISSION)


def visible_articles(user: User) -> QuerySet[Article]:
    """Return the articles with statistics for `user`: all, or their own if Settings allow that."""
    if may_see_all(user):
        return Article.objects.all()
    return Article.objects.filter(bylines__author__in=visible_authors(user)).distinct()


def visible_authors(user: User) -> QuerySet[Author]:
    """Return the authors with statistics for `user`: all, or themselves if Settings allow that."""
    if may_see_all(user):
        return Author.objects.all()
    allowed = user.is_staff and user.has_perm("articles.view_article") and get_publication().authors_see_statistics
    return Author.objects.filter(user=user) if allowed else Author.objects.none()
