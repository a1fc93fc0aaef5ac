"""The library of documents: one file is one document, public under its digest from the first moment."""

from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from articles.media import documents
from articles.models import Article, Document, Dossier, DossierVersion, Page, PageVersion, Version
from articles.services.media import file_name_of

# Where a link to a document may stand.
TEXTS: list[tuple[Any, str]] = [
    (Article, "body"), (Version, "content"), (Page, "body"), (PageVersion, "content"), (Dossier, "summary"),
    (DossierVersion, "content"),
]  # fmt: skip


def add_document(*, document: Document, file: IO[bytes]) -> tuple[Document, bool]:
    """Save `document` with `file`; with False and the one that is there where the file was known.

    Raises ValidationError for what is no document of ours.
    """
    known = documents.inspect_document(file)
    if there := Document.objects.filter(sha256=known.sha256).first():
        return there, False
    document.format, document.size, document.sha256 = known.format, known.size, known.sha256
    document.file_name = file_name_of(file)
    store = storages["default"]
    name = f"{known.sha256}.{known.format}"
    # Named by what is in it: the same bytes need no second file.
    document.file.name = name if store.exists(name) else store.save(name, ContentFile(file.read(), name=name))
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError:  # somebody else brought the same file in between
        return Document.objects.get(sha256=known.sha256), False
    return document, True


def is_linked(document: Document) -> bool:
    """Whether any text links to `document`: an article, a page or a dossier, as it stands or in a version of it."""
    address = document.get_absolute_url()
    return any(
        model._base_manager.annotate(words=Cast(name, TextField())).filter(words__contains=address).exists()
        for model, name in TEXTS
    )


@transaction.atomic
def delete_document(*, document: Document) -> None:
    """Take `document` away, its file too: nobody gets it any more. Copies that others hold stay where they are."""
    name = str(document.file.name)
    document.delete()
    transaction.on_commit(partial(storages["default"].delete, name))
