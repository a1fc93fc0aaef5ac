"""What AI was used for in a text, as its editors state it."""

from collections.abc import Iterable, Mapping

from articles.models import Article, Page
from articles.models.how_we_know import AI_SENTENCES
from articles.models.publishable import Item
from articles.responsibility import stated_uses
from articles.services import revisions
from truthlytics.web.users import User


def state_ai_uses(*, item: Item, uses: Iterable[str], sentences: Mapping[str, str], by: User) -> None:
    """Write `uses` and `sentences` about them to the draft of `item`, if they are others.

    They are a revision of their own, if `item` has revisions. `sentences` are by column, see AI_SENTENCES. Refreshes
    `item`.
    """
    stated = {"ai_uses": stated_uses(uses), **sentences}
    if all(getattr(item, name) == value for name, value in stated.items()):
        return
    if isinstance(item, Article | Page):
        # Those about other uses are not in the content, but the draft keeps them.
        kept = {name: getattr(item, name) for name in AI_SENTENCES}
        revisions.write(item=item, fields=revisions.current_fields(item) | kept | stated, by=by)
        return
    for name, value in stated.items():
        setattr(item, name, value)
    item.save(update_fields=[*stated, "updated_at"])
