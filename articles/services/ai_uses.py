"""What AI was used for in an article, as its editors state it."""

from collections.abc import Iterable, Mapping

from articles.models import Article
from articles.models.how_we_know import AI_SENTENCES
from articles.responsibility import stated_uses
from articles.services import revisions
from truthlytics.web.users import User


def state_ai_uses(*, article: Article, uses: Iterable[str], sentences: Mapping[str, str], by: User) -> None:
    """Write `uses` and `sentences` about them to the draft of `article` as a revision of its own, if they are others.

    `sentences` are by column, see AI_SENTENCES. Refreshes `article`.
    """
    stated = {"ai_uses": stated_uses(uses), **sentences}
    if any(getattr(article, name) != value for name, value in stated.items()):
        # Those about other uses are not in the content, but the draft keeps them.
        kept = {name: getattr(article, name) for name in AI_SENTENCES}
        revisions.write(item=article, fields=revisions.current_fields(article) | kept | stated, by=by)
