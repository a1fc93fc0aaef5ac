"""Plain functions that make what a test needs; every argument has a sensible default."""

import io
from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image as Pillow

from articles.models import Article, Author, Byline, Image, Section, Topic, Version
from articles.services.library import add_to_library
from articles.services.publishing import publish
from subscriptions.models import User

_numbers = count(1)
BODY = "<p>The free words of the piece.</p><hr data-gate><p>The gated words of the piece.</p>"


def make_user(**fields: Any) -> User:
    """A registered reader with a confirmed address."""
    number = next(_numbers)
    fields.setdefault("email", f"reader{number}@example.org")
    fields.setdefault("display_name", f"Reader {number}")
    fields.setdefault("verified_at", timezone.now())
    return User.objects.create_user(password=fields.pop("password", "a-long-password"), **fields)


def make_editor(**fields: Any) -> User:
    return make_user(**{"is_staff": True, "is_superuser": True, "display_name": "Edith Orr", **fields})


def make_section(**fields: Any) -> Section:
    number = next(_numbers)
    fields.setdefault("name", f"Section {number}")
    fields.setdefault("slug", f"section-{number}")
    return Section.objects.create(**fields)


def make_topic(**fields: Any) -> Topic:
    number = next(_numbers)
    fields.setdefault("name", f"Topic {number}")
    fields.setdefault("slug", f"topic-{number}")
    return Topic.objects.create(**fields)


def make_author(**fields: Any) -> Author:
    number = next(_numbers)
    fields.setdefault("name", f"Author {number}")
    fields.setdefault("slug", f"author-{number}")
    return Author.objects.create(**fields)


def make_draft(*, authors: list[Author] | None = None, topics: list[Topic] | None = None, **fields: Any) -> Article:
    number = next(_numbers)
    fields.setdefault("headline", f"Headline {number}")
    fields.setdefault("slug", f"headline-{number}")
    fields.setdefault("standfirst", f"Standfirst {number}.")
    fields.setdefault("body", BODY)
    if "section" not in fields:
        fields["section"] = make_section()
    article = Article.objects.create(**fields)
    for position, author in enumerate(authors if authors is not None else [make_author()]):
        Byline.objects.create(article=article, author=author, position=position)
    article.topics.set(topics or [])
    return article


def make_article(*, at: datetime | None = None, **fields: Any) -> Article:
    """A published article; `at` is when (default: now)."""
    article = make_draft(**fields)
    publish(article=article, at=at)
    return article


def make_version(article: Article, **changes: Any) -> Version:
    """Change the working row and publish it again; `at` and `note` go to the service."""
    options = {name: changes.pop(name) for name in ("at", "note") if name in changes}
    for name, value in changes.items():
        setattr(article, name, value)
    article.save()
    return publish(article=article, **options)


def picture_file(*, width: int = 900, height: int = 600, kind: str = "PNG", color: str = "teal") -> io.BytesIO:
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height), color).save(buffer, kind)
    buffer.seek(0)
    return buffer


def make_image(**fields: Any) -> Image:
    number = next(_numbers)
    file = fields.pop("file", None) or picture_file(color=f"#{number % 0xFFFFFF:06x}")
    fields.setdefault("alt", "A teal field")
    fields.setdefault("credit", "Drawing: T. Est")
    return add_to_library(file=file, **fields)
