"""Who works on articles: asked of permissions, so that a group of a publication's own counts as ours do."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from articles.models import Article


def editors() -> QuerySet[Any]:
    """Those who may publish."""
    right = {"content_type__app_label": "articles", "codename": "publish_article"}
    by_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    by_name = {f"user_permissions__{name}": value for name, value in right.items()}
    may = Q(is_superuser=True) | Q(**by_group) | Q(**by_name)
    people = get_user_model()._default_manager.filter(may, is_active=True, is_staff=True)
    return people.order_by("display_name", "pk").distinct()


def writers(article: Article) -> QuerySet[Any]:
    """Those whose draft it is: in its byline with a log-in, or who began it. What is public is nobody's draft."""
    if article.live_id is not None or article.upcoming_id is not None:
        return get_user_model()._default_manager.none()
    theirs = Q(author__bylines__article=article) | Q(pk=article.created_by_id or 0)
    people = get_user_model()._default_manager.filter(theirs, is_active=True, is_staff=True)
    return people.order_by("display_name", "pk").distinct()


def hands(article: Article) -> list[Any]:
    """In whose hands the work can be laid: nobody gets what they cannot open."""
    both = {person.pk: person for person in [*editors(), *writers(article)]}
    return sorted(both.values(), key=lambda person: (person.display_name.casefold(), person.pk))
