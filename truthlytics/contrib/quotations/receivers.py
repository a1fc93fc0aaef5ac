"""Index the words of new versions, so that quotations are found as soon as readers see them."""

from collections.abc import Sequence

from django.dispatch import receiver

from articles.models import Version
from articles.models.publishable import Item
from articles.signals import first_texts_added, texts_changed
from truthlytics.contrib.quotations.services import indexing


@receiver(texts_changed)
def index_words(item: Item, removed: bool, **kwargs: object) -> None:
    indexing.update(str(item._meta.model_name), item.pk, rebuild=removed)


@receiver(first_texts_added)
def index_words_of_many(versions: Sequence[Version], **kwargs: object) -> None:
    indexing.add_first_versions(versions)
