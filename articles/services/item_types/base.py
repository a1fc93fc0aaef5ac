"""The interface of an item type, and the columns of a version that depend on what kind of change it is.

Publishing stores these columns, and `verify_record` computes them again from the chain, with the same functions.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.db.models import Max
from django.http import QueryDict

from articles.corrections.wording import words_differ
from articles.integrity import chain_digest, correction_digest, digest_of_content, has_same_text, sealed
from articles.models import Article, ChangeKind, Correction, DocumentLink, Image, Page, Rendition, Version
from articles.models.corrections import PROMINENT
from articles.models.publishable import Item
from articles.revisions.fields import EditableFields
from articles.revisions.free_parts import free_part
from articles.services import log_entries
from articles.signals import texts_changed
from truthlytics.web.canonical_json import canonical
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import Content, JsonObject
from truthlytics.web.users import User


class ItemType[Row: Item](ABC):
    """How one kind of item is published. By default the state is computed from the versions.

    `item` is the working row. Methods that write expect it to be locked.
    """

    model: ClassVar[Any]
    version_model: ClassVar[Any]
    # Columns of the working row that `serve`, `drop_scheduled` and `replace` set.
    state_columns: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """The model name, which is also the name of the version's foreign key to the item."""
        return str(self.model._meta.model_name)

    # --- Content ------------------------------------------------------------------------------------
    @abstractmethod
    def content_of(self, item: Row) -> JsonObject:
        """Return what a version would hold now: text, and related rows by uuid, never by database id."""

    @abstractmethod
    def checked_fields(self, content: dict[str, object]) -> EditableFields:
        """Return the fields of `content` that the checks look at."""

    def missing(self, item: Row, *, essential_only: bool = False) -> list[str]:
        """Return sentences for what must be filled in before publishing, beyond what the checks find.

        With `essential_only`, only for what the page cannot be rendered without.
        """
        return []

    def differs(self, item: Row, version: Any, content: dict[str, object] | None = None) -> bool:
        """Return whether publishing now would change what readers get with `version`.

        `content` is `content_of(item)` where the caller has it already.
        """
        return not has_same_text(version.content, content or self.content_of(item))

    # --- Versions -----------------------------------------------------------------------------------
    def create_version(
        self, item: Row, content: Any, *, correction: Correction | None = None, **columns: object
    ) -> Any:
        """Append a version with `content`: a dict, or the canonical text of another version.

        `correction`, which is not saved yet, says what kind of change it is.
        """
        previous = item.versions.order_by("-number").values_list("number", "digest").first()
        text = content if isinstance(content, str) else sealed_texts([content])[0]
        version = self.next_version(item, text, previous or (0, ""), correction=correction, **columns)
        self.before_version_saved(version)
        version.save()
        if correction is not None:
            correction.save()
        DocumentLink.add_for([(version, text)])
        self.after_version_saved(version)
        return version

    def next_version(
        self,
        item: Row,
        text: str,
        previous: tuple[int, str],
        *,
        correction: Correction | None = None,
        **columns: object,
    ) -> Any:
        """Return the unsaved version with the canonical content `text` that follows `previous` (number and digest)."""
        number = previous[0] + 1
        version = self.version_model(**{self.name: item}, number=number, **columns)
        version.content = self.stored_content(text)
        version.content_digest = digest_of_content(text)
        if correction is not None:
            correction.version = version
            correction.digest = correction_digest(item.uuid, number, correction)
        version.digest = chain_digest(previous[1], item.uuid, version)
        return version

    def stored_content(self, text: str) -> object:
        """Return the value of the column for the content with this canonical text."""
        return text

    def before_version_saved(self, version: Version) -> None:
        """Set derived columns of a new version."""

    def after_version_saved(self, version: Any) -> None:
        """Write the rows that go with a new version."""

    # --- Which version is served --------------------------------------------------------------------
    def promote_due(self, item: Row, now: datetime) -> bool:
        """Tidy up once a scheduled version is due. Readers get it from its time on anyway."""
        return False

    def newest_public_from(self, item: Row, now: datetime) -> datetime | None:
        """Return when the newest public version became public. No later version may be dated before it."""
        newest: datetime | None = item.versions.was_public(now).aggregate(newest=Max("public_from"))["newest"]
        return newest

    def drop_scheduled(self, item: Row, now: datetime) -> None:
        """Mark the scheduled version as superseded: it never appears."""
        if item.versions.scheduled(now).update(superseded_at=now):
            log_entries.cancel_scheduled(item, now)

    def serve(self, item: Row, version: Version, *, now: datetime, by: User | None) -> None:
        """Let readers get `version`, which has just been created, from its `public_from` on."""

    def replace(self, item: Row, old: Any, new: Any, now: datetime) -> None:
        """Let `new` take the place of the served or scheduled version `old`."""
        if self.version_model.objects.filter(pk=old.pk).scheduled(now).update(superseded_at=now):
            log_entries.cancel_scheduled(item, now, old.number)

    def unscheduled(self, item: Row, by: User | None) -> None:
        """Called when the first version of an item is unscheduled, so that nothing of it was ever public."""

    def announce(self, item: Row, version: Version | None = None) -> None:
        """Tell other apps that what readers get has changed. `version` is the one concerned."""
        texts_changed.send(sender=self.model, item=item, removed=False)

    # --- Images -------------------------------------------------------------------------------------
    def public_versions_showing(self, image: Image, now: datetime) -> Any:
        """Return the served and scheduled versions that show `image`, ordered for the newsroom, with their items."""
        return self.version_model.objects.none()


class EditableType[Row: Article | Page](ItemType[Row]):
    """An item type that is written in the editor, with revisions and autosaves."""

    # The text columns of the working row that `write_text` sets.
    text_columns: ClassVar[tuple[str, ...]]
    # The text fields of the form that are single lines.
    line_fields: ClassVar[tuple[str, ...]]

    @abstractmethod
    def working_content(self, item: Row) -> dict[str, object]:
        """Return `content_of(item)` and what only the newsroom sees."""

    @abstractmethod
    def content_with(self, item: Row, fields: EditableFields) -> dict[str, object]:
        """Return what `working_content(item)` would be with these fields."""

    @abstractmethod
    def fields_from_form(self, item: Row, form: QueryDict, current: EditableFields) -> EditableFields:
        """Return what would be saved from `form`, however unfinished; invalid values stay as in `current`."""

    @abstractmethod
    def write(self, item: Row, fields: EditableFields) -> None:
        """Write the fields to the working row and save it."""

    def after_revision(self, item: Row) -> None:
        """Called after a revision of `item` was saved."""

    def write_text(self, item: Row, fields: EditableFields) -> None:
        """Set the text columns, cut to what they hold, and the slug."""
        for name in self.text_columns:
            setattr(item, name, fields[name][: getattr(self.model._meta.get_field(name), "max_length", None)])
        item.slug = fields.get("slug", item.slug)

    def lines_from_form(self, form: QueryDict, current: EditableFields) -> EditableFields:
        return {
            name: " ".join(strip_control_characters(str(form.get(name, current[name]))).split())
            for name in self.line_fields
        }


def sealed_texts(contents: Sequence[Content]) -> list[str]:
    """Return the canonical texts of new versions with these contents. One query if there are images."""
    uuids = {uuid for content in contents for uuid in content.get("pictures", ())}
    files: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for rendition in Rendition.objects.filter(image__uuid__in=uuids).select_related("image") if uuids else ():
        files[str(rendition.image.uuid), rendition.original].append(rendition.sha256)
    texts = []
    for content in contents:
        shown = {uuid: files[uuid, image["sha256"]] for uuid, image in content.get("pictures", {}).items()}
        new = sealed(content, shown)
        texts.append(canonical(new | {"free": free_part(new)} if new.get("required_level") else new))
    return texts


def image_texts(images: Any) -> dict[str, dict[str, str]]:
    """Return the "pictures" part of a version's content."""
    return {
        str(image.uuid): {
            "sha256": image.sha256,
            "alt": image.alt,
            "caption": image.caption,
            "credit": image.credit_line,
            # Omitted without AI, so that versions from before there were marks compare as equal.
            **({"ai_use": image.ai_use} if image.ai_use else {}),
        }
        for image in images
    }


class ChangeColumns(NamedTuple):
    """See the columns of `Version`."""

    changed_at: datetime
    is_corrected: bool
    is_retracted: bool


def columns_of_change(
    correction: Correction | None, before: Version | None, content: object, public_from: datetime
) -> dict[str, object]:
    """Return the columns of the version with `content` that follows `before`, the live one."""
    changed = before is None or is_material(correction, before.content, content)
    columns = _columns(correction, before, public_from, changed=changed, others=_others_in_effect(correction))
    return columns._asdict()


def is_material(correction: Correction | None, before: Any, content: Any) -> bool:
    """Return whether the change matters to readers. Without a kind, as for imports, any change of words does."""
    if correction is None:
        return words_differ(before, content)
    return correction.kind != ChangeKind.MINOR or bool(correction.changed_facts)


def recomputed(versions: Iterable[Version]) -> Iterator[tuple[Version, list[ChangeColumns]]]:
    """Yield each of all versions of an article, oldest first, with the columns that it may have.

    More than one is possible only where a text was removed, so that no one knows any more whether it was changed.
    """
    before: ChangeColumns | None = None
    text: object = None
    in_effect: dict[int, str] = {}
    for version in versions:
        correction = version.change
        superseded = correction.supersedes if correction is not None else None
        if superseded is not None:
            in_effect.pop(superseded.pk, None)
        if before is None:
            answers = [True]
        elif correction is None and (text is None or version.content is None):
            answers = [True, False]
        else:
            answers = [is_material(correction, text, version.content)]
        possible = [
            _columns(correction, before, version.public_from, changed=changed, others=set(in_effect.values()))
            for changed in answers
        ]
        yield version, possible
        if version.superseded_at is None:
            before = next((columns for columns in possible if columns.changed_at == version.changed_at), possible[0])
            text = version.content
            if correction is not None and correction.kind in PROMINENT:
                in_effect[correction.pk] = correction.kind


def _columns(
    correction: Correction | None,
    before: Version | ChangeColumns | None,
    public_from: datetime,
    *,
    changed: bool,
    others: set[str],
) -> ChangeColumns:
    """`others` are the kinds of the corrections and retractions in effect, without what `correction` supersedes."""
    if correction is not None and correction.supersedes is not None:
        is_corrected, is_retracted = bool(others), ChangeKind.RETRACTION in others
    else:
        is_corrected = before is not None and before.is_corrected
        is_retracted = before is not None and before.is_retracted
    if correction is not None:
        is_corrected |= correction.kind in PROMINENT
        is_retracted |= correction.kind == ChangeKind.RETRACTION
    return ChangeColumns(public_from if changed or before is None else before.changed_at, is_corrected, is_retracted)


def _others_in_effect(correction: Correction | None) -> set[str]:
    if correction is None or correction.supersedes is None:
        return set()
    superseded = correction.supersedes
    others = Correction.objects.public().in_effect().filter(version__article=superseded.version.article_id)
    return set(others.filter(kind__in=PROMINENT).exclude(pk=superseded.pk).values_list("kind", flat=True))
