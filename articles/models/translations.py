"""Articles that are translations of each other.

They share `translation_group`, the UUID of the article they were translated from. Each language occurs once.
"""

from articles.models.articles import Article
from truthlytics.publication.language import content_language
from truthlytics.web.types import JsonObject


class LanguageTaken(Exception):
    """The group has another article in this language."""

    def __init__(self, article: Article) -> None:
        super().__init__(str(article))
        self.article = article


class TranslatedAlready(Exception):
    """An article that others were translated from cannot become a translation itself."""


def original_of(article: Article) -> Article | None:
    """Return the article that `article` is shown to translate; None for an original."""
    group = article.translation_group
    if group is None or group == article.uuid:
        return None
    others = list(article.other_translations())
    return next((other for other in others if other.uuid == group), others[0] if others else None)


def check_group(article: Article, *, original: Article | None, language: str) -> None:
    """Check that `article` may be a translation of `original` in `language`, "" for the publication's.

    Raises LanguageTaken or TranslatedAlready. `original` is None for an article that is no translation.
    """
    is_original = article.translation_group is not None and article.translation_group == article.uuid
    if original is None:
        others = list(article.other_translations()) if is_original else []
    elif original.pk == article.pk or (is_original and article.other_translations().exists()):
        raise TranslatedAlready
    else:
        others = [original, *(other for other in original.other_translations() if other.pk != article.pk)]
    wanted = content_language(language)
    for other in others:
        if content_language(other.language) == wanted:
            raise LanguageTaken(other)


def set_original(article: Article, original: Article | None) -> None:
    """Put `article`, which is not saved, into the group of `original`, or take it out of its group."""
    if original is not None:
        article.translation_group = original.translation_group or original.uuid
    elif article.translation_group != article.uuid:
        article.translation_group = None


def start_group(original: Article) -> None:
    """Give `original` a group, once a translation of it is saved."""
    if original.translation_group is None:
        original.translation_group = original.uuid
        original.save(update_fields=["translation_group"])


def original_as_field(article: Article) -> dict[str, object] | None:
    """Return the original as revisions store it."""
    original = original_of(article)
    return {"uuid": str(original.uuid), "name": str(original)} if original else None


def original_from_field(article: Article, value: JsonObject | None) -> Article | None:
    """Return the original that a revision names, if it still exists and the link is still possible."""
    original = Article.objects.filter(uuid=value["uuid"]).first() if value else None
    if original is None:
        return None
    try:
        check_group(article, original=original, language=article.language)
    except (LanguageTaken, TranslatedAlready):
        return original_of(article)
    return original
