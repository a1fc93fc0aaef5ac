"""Replacing the key of the log, and beginning a log that continues another."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from truthlytics.transparency.keys import KeyFileError, create_key, key_file, new_key, read_key, read_key_in, write_key
from truthlytics.transparency.models import Log, LogEntry, LogKey, origin_of
from truthlytics.transparency.notes import Head, Note, NoteError, Signer, to_base64
from truthlytics.transparency.services.checkpoints import CannotSignError, last_signed, obstacle, signer_of
from truthlytics.transparency.services.entries import add, append_due, new_entry_of_log

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class RotationError(Exception):
    """The key cannot be replaced, or a log cannot be begun. The message is a sentence for the operator."""


def ensure_key() -> bool:
    """Make the key of a site that has not signed its log yet. Returns whether one was made. Raises KeyFileError.

    If the key of a log is missing, a new one would be of no use: the old one has to be found.
    """
    return not LogKey.objects.exists() and create_key()


def statement(origin: str, verifier_key: str) -> str:
    """Return the text in which a key names the one that follows it."""
    return f"{origin}\nkey {verifier_key}\n"


# --- A new key ------------------------------------------------------------------------------------------------------
def next_key_file() -> Path:
    """Return where the new key is until the database knows it."""
    return key_file().with_suffix(".next.pem")


def rotate(now: datetime) -> Path:
    """Replace the key of the current log by a new one, and return where the old one is kept. Raises RotationError.

    The log gets an entry that names the new key, signed by the old one. The checkpoint for this entry is the last one
    that the old key signs.
    """
    append_due(now)
    if problem := obstacle():
        raise RotationError(problem)
    new = new_key()
    try:
        write_key(next_key_file(), new)
        with transaction.atomic():
            _add_key(new, now)
        return finish_rotation() or key_file()
    except (KeyFileError, CannotSignError) as error:
        raise RotationError(str(error)) from error


def _add_key(new: "Ed25519PrivateKey", now: datetime) -> None:
    log = Log.objects.locked()
    old, key = signer_of(log), str(Signer(log.origin, new).verifier_key())
    signature = old.sign(statement(log.origin, key)).encoded
    add([new_entry_of_log(LogEntry.Kind.KEY, at=now, key=key, signature=signature)])
    append_due(now)
    log.refresh_from_db()
    if not log.checkpoints.filter(size=log.size).exists():
        raise CannotSignError("The old key could not sign the entry that names the new one. Nothing was changed.")
    LogKey.objects.create(log=log, verifier_key=key, from_size=log.size + 1)


def finish_rotation() -> Path | None:
    """Put the new key in the place of the old one, if the log has it. Returns where the old one is kept, or None.

    Done again if it was interrupted. Raises KeyFileError.
    """
    path, waiting = key_file(), next_key_file()
    if not waiting.exists():
        return None
    log = Log.objects.current()
    newest = log.keys.last()
    if newest is None or newest.verifier_key != str(Signer(log.origin, read_key_in(waiting)).verifier_key()):
        # The database was not changed, so it stays with the old key.
        waiting.unlink()
        return None
    kept = path
    with suppress(KeyFileError):
        old = read_key()
        kept = _free_name(path)
        write_key(kept, old)
    waiting.replace(path)
    return kept


def _free_name(path: Path) -> Path:
    """Return a name with the date beside `path` that no file has."""
    base = f"{path.stem}-until-{timezone.localdate():%Y-%m-%d}"
    names = [path.with_name(f"{base}{suffix}.pem") for suffix in ("", *(f"-{number}" for number in range(2, 1000)))]
    return next(name for name in names if not name.exists())


# --- A new log ------------------------------------------------------------------------------------------------------
def last_head(log: Log, checkpoint: str = "") -> Head:
    """Return the largest state of `log` that is known: from the database, the file beside the key, or `checkpoint`.

    Raises RotationError if `checkpoint` is not one of this log.
    """
    newest = log.checkpoints.order_by("-size").first()
    heads = [newest.head if newest is not None else log.head]
    last = last_signed()
    if last is not None and last.origin == log.origin:
        heads.append(last)
    if checkpoint:
        try:
            heads.append(Head.parse(Note.parse(checkpoint).text))
        except NoteError as error:
            raise RotationError(f"This is not a checkpoint. {error}") from error
        if heads[-1].origin != log.origin:
            raise RotationError(f"This is a checkpoint of {heads[-1].origin}. The current log is {log.origin}.")
    return max(heads, key=lambda head: head.size)


@transaction.atomic
def begin_log(head: Head, now: datetime) -> Log:
    """Begin a log that continues another one. The first entry names `head`, its last known state.

    What was published has to be added to it next.
    """
    former = Log.objects.locked()
    LogEntry.objects.filter(log=former).cancel()
    number = former.number + 1
    log = Log.objects.create(number=number, origin=origin_of(number), created_at=now, archive_added_at=now)
    add([new_entry_of_log(LogEntry.Kind.LOG, at=now, previous=head.origin, size=head.size, root=to_base64(head.root))])
    append_due(now)
    # Only now, because the first entry has its place.
    Log.objects.filter(pk=log.pk).update(archive_added_at=None)
    log.refresh_from_db()
    return log
