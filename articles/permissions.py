"""Users who work on articles, determined by permissions so that custom groups count as well."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from articles.models import Article
from truthlytics.web.users import User


def editors() -> QuerySet[User]:
    """Return the users who can publish articles."""
    permission = {"content_type__app_label": "articles", "codename": "publish_article"}
    by_group = {f"groups__permissions__{name}": value for name, value in permission.items()}
    by_user = {f"user_permissions__{name}": value for name, value in permission.items()}
    allowed = Q(is_superuser=True) | Q(**by_group) | Q(**by_user)
    users = get_user_model()._default_manager.filter(allowed, is_active=True, is_staff=True)
    return users.order_by("display_name", "pk").distinct()


def writers(article: Article) -> QuerySet[User]:
    """Return the users who write this draft: its creator and the authors in its byline. Empty once it is published."""
    if article.live_id is not None or article.upcoming_id is not None:
        return get_user_model()._default_manager.none()
    involved = Q(author__bylines__article=article) | Q(pk=article.created_by_id or 0)
    users = get_user_model()._default_manager.filter(involved, is_active=True, is_staff=True)
    return users.order_by("display_name", "pk").distinct()


def assignable_users(article: Article) -> list[User]:
    """Return the users `article` can be assigned to: everyone who can open it, by name."""
    users = {user.pk: user for user in [*editors(), *writers(article)]}
    return sorted(users.values(), key=lambda user: (user.display_name.casefold(), user.pk))


def wanting_emails(users: Iterable[User], kind: str) -> list[User]:
    """Return those of `users` who have not turned off the emails of this kind in their account. One query."""
    chosen = list(users)
    ids = [user.pk for user in chosen]
    off = get_user_model()._default_manager.filter(pk__in=ids, email_opt_outs__kind=kind)
    refusing = set(off.values_list("pk", flat=True)) if ids else set()
    return [user for user in chosen if user.pk not in refusing]
