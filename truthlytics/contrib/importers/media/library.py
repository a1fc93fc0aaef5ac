"""Bring the files of an export into the libraries: once each, before the texts that show them are written.

Images, recordings and documents; all others are left out.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import batched
from pathlib import PurePosixPath
from typing import IO, NamedTuple, cast

from django.core.exceptions import ValidationError
from django.db import transaction

from articles.media.old_names import without_size
from articles.media.renditions import MAX_BYTES
from articles.models import Image
from truthlytics.contrib.importers.media import names, storing
from truthlytics.contrib.importers.media.folder import MediaFolder
from truthlytics.contrib.importers.media.storing import KIND, Key, Stored, Unusable, Wanted
from truthlytics.contrib.importers.media.web import Fetched, MediaHosts
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.plan import Plan
from truthlytics.contrib.importers.records import MediaRecord
from truthlytics.contrib.importers.sources import Source

# The status of an imported file that was in the library before.
KNOWN = "known"
NOT_FOUND = "It is not in the export."


class Opened(NamedTuple):
    """A file that was found, and where. `open` is called once, and raises OSError and `Unusable`."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@dataclass
class MediaLibrary:
    """Finds the files of an export in itself, in `folder` and on `hosts`, and stores them.

    `counts` gets the keys images (new here, or in a dry run found), image_bytes, images_to_fetch (in a dry run only)
    and images_missing. Only what the batch in hand needs is in memory.
    """

    source: Source
    plan: Plan
    counts: Counter[str]
    folder: MediaFolder | None = None
    hosts: MediaHosts | None = None
    dry_run: bool = False
    # That of images for which neither the source nor the file names one.
    credit: str = ""
    # Called every few seconds while files are looked for. May raise an exception to stop.
    on_wait: Callable[[], None] = lambda: None
    _files: dict[Key, Stored] = field(default_factory=dict)
    # Why a file is missing; also those of earlier batches, so that each is tried once.
    _reasons: dict[Key, str] = field(default_factory=dict)
    # Files that were counted as missing, or in a dry run as found.
    _counted: set[Key] = field(default_factory=set)

    @property
    def is_active(self) -> bool:
        """Whether there is a place to look for files at all."""
        return (
            self.folder is not None or self.hosts is not None or type(self.source).open_media is not Source.open_media
        )

    # --- Looking up ---------------------------------------------------------------------------------
    def image(self, key: Key) -> Image | None:
        """Return the image of a file of the batch that `prepare` was called for."""
        file = self._files.get(key)
        return file if isinstance(file, Image) else None

    def file(self, key: Key) -> Stored | None:
        """Return a file of the batch that `prepare` was called for."""
        return self._files.get(key)

    def is_ours(self, source: str, url: str) -> bool:
        """Return whether the file at `url` is one of the old site, or is to be fetched."""
        host = names.host_in(url)
        is_named = self.hosts is not None and self.hosts.allows(host)
        return is_named or self.plan.is_own_host(host) or self.media_for(source, url) is not None

    def reason(self, key: Key) -> str:
        return self._reasons.get(key, "")

    def media_for(self, source: str, url: str, media_id: str = "") -> MediaRecord | None:
        """Return the file with this id or address in the export's own library, if it has one."""
        if media_id and (media := self.plan.media.get((source, media_id))):
            return media
        if not url:
            return None
        key = names.key_of_url(url)
        known = self._by_url.get((source, key)) or self._by_url.get((source, without_size(key)))
        return self.plan.media.get((source, known)) if known else None

    @cached_property
    def _by_url(self) -> dict[Key, str]:
        return {
            (source, names.key_of_url(self._absolute(media))): media_id
            for (source, media_id), media in self.plan.media.items()
            if media.url
        }

    @cached_property
    def _names(self) -> Counter[str]:
        """How many files of the export have each name."""
        return Counter(storing.name_of(media) for media in self.plan.media.values())

    def _absolute(self, media: MediaRecord) -> str:
        return names.absolute(media.url, self.plan.bases.get(media.source, ""))

    # --- Finding and storing ------------------------------------------------------------------------
    def prepare(self, wanted: Iterable[Wanted], current_run: Callable[[], ImportRun]) -> None:
        """Find and store the files in `wanted`, except those that were stored before. Call outside a transaction.

        `current_run` is called when something is stored.
        """
        self._files.clear()
        if not self.is_active:
            return
        by_key: dict[Key, Wanted] = {}
        for item in wanted:
            first = by_key.setdefault(item.key, item)
            if not first.alt and item.alt:
                by_key[item.key] = item
        for keys in batched(by_key, 500):
            self._find_stored(keys, by_key)
        missing = [item for key, item in by_key.items() if key not in self._files and key not in self._reasons]
        to_fetch = []
        for item in missing:
            if not self._take(item, current_run):
                to_fetch.append(item)
            self.on_wait()
        self._fetch(to_fetch, current_run)
        for key in by_key:
            if key not in self._files and self._is_first(key):
                self.counts["images_missing"] += 1

    def _is_first(self, key: Key) -> bool:
        """Return whether the file was not counted yet."""
        if key in self._counted:
            return False
        self._counted.add(key)
        return True

    def _find_stored(self, keys: Sequence[Key], by_key: dict[Key, Wanted]) -> None:
        rows = ImportedObject.objects.filter(
            source__in={source for source, _ in keys}, kind=KIND, source_id__in={media_id for _, media_id in keys}
        ).select_related("image", "document", "recording")
        for row in rows:
            file = row.image or row.document or row.recording
            if file is not None and (row.source, row.source_id) in by_key:
                self._files[row.source, row.source_id] = file
                if isinstance(file, Image) and not self.dry_run:
                    storing.complete(file, by_key[row.source, row.source_id], self.credit)

    def _take(self, item: Wanted, current_run: Callable[[], ImportRun]) -> bool:
        """Store the file from the export or the folder. Return whether that was possible, or it need not be fetched."""
        for found in self._found(item):
            if self.dry_run:
                self._files[item.key] = storing.placeholder(item)
                if self._is_first(item.key):
                    self._count(found.size)
                return True
            try:
                with found.open() as file:
                    self._store(item, file, found.name, current_run)
            except (Unusable, OSError) as error:
                self._reasons[item.key] = storing.phrase(error)
                continue
            self._reasons.pop(item.key, None)
            return True
        return False

    def _found(self, item: Wanted) -> Iterator[Opened]:
        media = item.media
        if (copied := self._from_export(media)) is not None:
            with copied:
                yield Opened(storing.name_of(media), copied.seek(0, 2), lambda: copied)
        if self.folder is None:
            return
        is_unique = self._names[storing.name_of(media)] <= 1
        paths = self.folder.find(media, listed=item.is_listed, by_name=is_unique)
        for url in item.urls:
            paths += self.folder.find(MediaRecord(0, media.source, "", url), listed=False, by_name=is_unique)
        for path in dict.fromkeys(paths):
            yield Opened(path.name, path.stat().st_size, cast(Callable[[], IO[bytes]], partial(path.open, "rb")))

    def _from_export(self, media: MediaRecord) -> IO[bytes] | None:
        """Return a copy of the file in the export; None if it has none, or if that is damaged."""
        try:
            file = self.source.open_media(media)
            if file is None:
                return None
            with file:
                return storing.copied(file)
        # A password, and a kind of compression that is not supported, raise the last two.
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            self._reasons[media.source, media.source_id] = f"Its file in the export is damaged ({error})."
            return None

    def _fetch(self, items: Sequence[Wanted], current_run: Callable[[], ImportRun]) -> None:
        by_name: dict[str, Wanted] = {}
        urls: list[tuple[str, list[str]]] = []
        for number, item in enumerate(items):
            own = names.addresses(self._absolute(item.media), *item.urls, listed=item.is_listed)
            allowed = self.hosts.allowed(own) if self.hosts is not None else []
            if allowed:
                by_name[str(number)] = item
                urls.append((str(number), allowed))
            else:
                self._reasons.setdefault(item.key, self._why_not(own))
        if self.hosts is None or not urls:
            return
        if self.dry_run:
            for item in by_name.values():
                self.counts["images_to_fetch"] += self._is_first(item.key)
                self._files[item.key] = storing.placeholder(item)
            return
        while urls:
            smaller = []
            for name, fetched in self.hosts.fetch_all(urls, self.on_wait):
                if not self._store_fetched(by_name[name], fetched, current_run) and fetched.file is not None:
                    # What the library refuses, such as too many pixels, may be there in a smaller size.
                    own = dict(urls)[name]
                    rest = own[own.index(fetched.url) + 1 :] if fetched.url in own else []
                    smaller += [(name, rest)] if rest else []
            urls = smaller

    def _store_fetched(self, item: Wanted, fetched: Fetched, current_run: Callable[[], ImportRun]) -> bool:
        """Store a file that was fetched. Return whether that was possible."""
        if fetched.file is None:
            # Why the original was refused says more than that a smaller size is not there.
            self._reasons.setdefault(item.key, fetched.reason)
            return False
        with fetched.file as file:
            try:
                self._store(item, file, PurePosixPath(names.path_in(fetched.url)).name, current_run, fetched.url)
            except (Unusable, OSError) as error:
                self._reasons[item.key] = storing.phrase(error)
                return False
        self._reasons.pop(item.key, None)
        return True

    def _why_not(self, urls: Sequence[str]) -> str:
        if self.hosts is not None and urls:
            return f"The host {names.host_in(urls[0])} was not named."
        return "It is not in the folder." if self.folder is not None else NOT_FOUND

    def _count(self, size: int) -> None:
        self.counts["images"] += 1
        self.counts["image_bytes"] += size

    def _store(
        self, item: Wanted, file: IO[bytes], name: str, current_run: Callable[[], ImportRun], url: str = ""
    ) -> None:
        """Add `file`, fetched from `url`, to its library, with its old addresses. Raises Unusable."""
        size = file.seek(0, 2)
        if size > MAX_BYTES:
            raise Unusable("It is larger than 30 MB.")
        file.seek(0)
        name = name or storing.name_of(item.media)
        try:
            with transaction.atomic():
                stored, is_new = storing.add(item, file, name, url or self._absolute(item.media))
                ImportedObject.objects.create(
                    source=item.media.source,
                    kind=KIND,
                    source_id=item.media.source_id,
                    source_digest="",
                    written_digest="",
                    status="" if is_new else KNOWN,
                    run=current_run(),
                    **{str(stored._meta.model_name): stored},
                )
                if isinstance(stored, Image):
                    urls = [self._absolute(item.media), *item.urls]
                    storing.redirect(stored, [url for url in urls if self.plan.is_own_host(names.host_in(url))], name)
        except ValidationError as error:
            raise Unusable(" ".join(error.messages)) from error
        if isinstance(stored, Image):
            storing.complete(stored, item, self.credit)
        self._count(size)
        self._files[item.key] = stored
