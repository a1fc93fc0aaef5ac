"""What AI was used for in an article, as its editors state it."""

from collections.abc import Iterable

from articles.models import Article
from articles.responsibility import stated_uses
from articles.services import revisions
from truthlytics.web.users import User


def state_ai_uses(*, article: Article, uses: Iterable[str], by: User) -> None:
    """Write `uses` to the draft of `article` as a revision of its own, if they are others. Refreshes `article`."""
    if (stated := stated_uses(uses)) != article.ai_uses:
        revisions.write(item=article, fields=revisions.current_fields(article) | {"ai_uses": stated}, by=by)
