"""The document library. Each file is stored once, and served under its digest once a public version links to it."""

from functools import partial
from typing import IO

from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Model, TextField
from django.db.models.functions import Cast

from articles.media import documents
from articles.models import Article, Document, Dossier, DossierVersion, Page, PageVersion, Version
from articles.services.media import file_name_of, stored

# The columns that may contain links to documents.
LINKING_COLUMNS: list[tuple[type[Model], str]] = [
    (Article, "body"),
    (Version, "content"),
    (Page, "body"),
    (PageVersion, "content"),
    (Dossier, "summary"),
    (DossierVersion, "content"),
]


def add_document(*, document: Document, file: IO[bytes]) -> tuple[Document, bool]:
    """Save `document` with `file` and return it with True. If the file is already there, return its document and False.

    Raises ValidationError for a file that is not accepted.
    """
    known = documents.inspect_document(file)
    if existing := Document.objects.filter(sha256=known.sha256).first():
        return existing, False
    document.format, document.size, document.sha256 = known.format, known.size, known.sha256
    document.file_name = file_name_of(file)
    try:
        with stored(document.file, file), transaction.atomic():
            document.save()
    except IntegrityError:  # a concurrent upload of the same file
        return Document.objects.get(sha256=known.sha256), False
    return document, True


def is_linked(document: Document) -> bool:
    """Return whether any draft or version of an article, page or dossier links to `document`, or a source has it."""
    if document.sources.exists():
        return True
    url = document.get_absolute_url()
    return any(
        model._base_manager.annotate(text=Cast(name, TextField())).filter(text__contains=url).exists()
        for model, name in LINKING_COLUMNS
    )


@transaction.atomic
def delete_document(*, document: Document) -> None:
    name = str(document.file.name)
    document.delete()
    transaction.on_commit(partial(storages["originals"].delete, name))
