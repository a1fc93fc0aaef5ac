"""Files of the publication: logos, icons and images for link previews.

They are stored under their digests in the private storage and served by `views.publication_file`. A logo's name has
its size, so that pages can reserve its space: `<digest>-<width>x<height>.<extension>`.
"""

import hashlib
import re
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models.fields.files import FieldFile
from django.urls import reverse

FOLDER = "publication"
SIZE = re.compile(r"-(\d+)x(\d+)\.")


def originals() -> Storage:
    return storages["originals"]


class PublicationFile(FieldFile):
    @property
    def url(self) -> str:
        return reverse("publication_file", args=[str(self.name).rpartition("/")[2]])

    @property
    def size_in_px(self) -> tuple[int, int]:
        match = SIZE.search(str(self.name))
        return (int(match[1]), int(match[2])) if match else (0, 0)

    @property
    def width(self) -> int:
        return self.size_in_px[0]

    @property
    def height(self) -> int:
        return self.size_in_px[1]

    def read_all(self) -> bytes:
        with self.storage.open(str(self.name)) as file:
            content: bytes = file.read()
        return content


class PublicationFileField(models.FileField):
    attr_class = PublicationFile

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: object) -> Any: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"storage": originals, "max_length": 200, "blank": True}
        super().__init__(*args, **kwargs)


def store(content: bytes, extension: str, width: int, height: int) -> str:
    """Store a checked file unless it is stored already; return its name."""
    digest = hashlib.sha256(content).hexdigest()[:32]
    name = f"{FOLDER}/{digest}-{width}x{height}.{extension}"
    if not originals().exists(name):
        originals().save(name, ContentFile(content))
    return name
