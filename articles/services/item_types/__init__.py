"""What differs between articles, dossiers and pages, as one object per model.

The services that publish, schedule, withdraw, save and autosave are written once and ask `item_type(item)` for the
rest. An "item" is an article, a dossier or a page.
"""

from typing import Any

from articles.models import Article, Dossier, Page
from articles.models.publishable import Item
from articles.services.item_types.articles import ArticleType
from articles.services.item_types.base import EditableType, ItemType
from articles.services.item_types.dossiers import DossierType
from articles.services.item_types.pages import PageType

__all__ = ["EditableType", "Item", "ItemType", "editable_type", "item_type"]

ARTICLE, DOSSIER, PAGE = ArticleType(), DossierType(), PageType()
ITEM_TYPES: dict[type[Any], ItemType[Any]] = {Article: ARTICLE, Dossier: DOSSIER, Page: PAGE}
EDITABLE_TYPES: dict[type[Any], EditableType[Any]] = {Article: ARTICLE, Page: PAGE}


def item_type(item: Item) -> ItemType[Any]:
    return ITEM_TYPES[type(item)]


def editable_type(item: Article | Page) -> EditableType[Any]:
    """Return the type of an item that has revisions and autosaves."""
    return EDITABLE_TYPES[type(item)]
