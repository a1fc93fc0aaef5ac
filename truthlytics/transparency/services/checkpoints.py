"""Signing the state of the log.

A log must never sign a state that contradicts one it has signed before. After a backup was restored, the database no
longer knows what was signed since, so the last checkpoint is also kept beside the key, and compared.
"""

import logging
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db import transaction
from django.utils.translation import gettext as _

from truthlytics.transparency.keys import KeyFileError, key_file, read_key
from truthlytics.transparency.models import Checkpoint, Log, LogKey
from truthlytics.transparency.notes import Head, Note, NoteError, Signer
from truthlytics.transparency.tree import Tree
from truthlytics.transparency.witnesses.asking import offer_soon

logger = logging.getLogger(__name__)


class CannotSignError(Exception):
    """The state of the log cannot be signed. The message is a sentence for the owner of the site."""


@transaction.atomic
def sign_unsigned(now: datetime) -> bool:
    """Sign the state of the log if that has not been done, as when the key was missing. Returns whether it was."""
    current = Log.objects.current()
    if not current.size or current.checkpoints.filter(size=current.size).exists():
        return False
    log = Log.objects.locked()
    return sign(log, log.head, now)


def sign(log: Log, known: Head, now: datetime) -> bool:
    """Sign the state of `log`, which is locked. `known` is a former state of the same tree, to save computing it.

    Returns False if the key is missing or the state contradicts an earlier one; the owner sees why.
    """
    try:
        signer = signer_of(log)
        checkpoint = _signed(log, known, signer)
    except CannotSignError as error:
        logger.warning("The state of the transparency log was not signed: %s", error)
        return False
    if not log.keys.exists():
        LogKey.objects.create(log=log, verifier_key=str(signer.verifier_key()), from_size=0)
    Checkpoint.objects.get_or_create(log=log, size=log.size, defaults={"note": checkpoint, "created_at": now})
    # After the commit: what is remembered must not be newer than the database.
    transaction.on_commit(partial(remember, checkpoint))
    transaction.on_commit(offer_soon, robust=True)
    return True


def obstacle() -> str:
    """Return why the current state of the log cannot be signed, as a sentence for its owner, or "". Writes nothing."""
    log = Log.objects.newest()
    try:
        if log is None:
            read_key()
        else:
            _signed(log, log.head, signer_of(log))
    except (CannotSignError, KeyFileError) as error:
        return str(error)
    return ""


def _signed(log: Log, known: Head, signer: Signer) -> str:
    """Return the checkpoint of `log`, signed by `signer`. Raises CannotSignError."""
    last = last_signed()
    if last is not None and last.origin == log.origin and not _continues(log, last, known):
        raise CannotSignError(
            _(
                "The database is older than the last checkpoint that was signed, or was changed. If you have restored "
                "a backup, begin a new log: `manage.py new_log`."
            )
        )
    text = str(log.head)
    return str(Note(text, (signer.sign(text),)))


def signer_of(log: Log) -> Signer:
    """Return the key that signs checkpoints of `log`. Raises CannotSignError if it is missing, or is another one."""
    try:
        signer = Signer(log.origin, read_key())
    except KeyFileError as error:
        raise CannotSignError(str(error)) from error
    key = str(signer.verifier_key())
    newest = log.keys.last()
    if newest is not None and newest.verifier_key != key:
        raise CannotSignError(
            _(
                "The key in %(file)s is not the one that has signed this log. Put the former key back, or begin a new "
                "log: `manage.py new_log`."
            )
            % {"file": key_file()}
        )
    return signer


def _continues(log: Log, last: Head, known: Head) -> bool:
    """Return whether the tree of `log` begins with what was signed last."""
    if last.size > log.size:
        return False
    if last.size == known.size:
        return last.root == known.root
    return last.root == Tree(log).hash_of(0, last.size)


# --- The last checkpoint, beside the key ----------------------------------------------------------------------------
def _last_checkpoint_file() -> Path:
    return key_file().with_suffix(".checkpoint")


def last_signed() -> Head | None:
    """Return the state that was signed last on this machine, or None."""
    with suppress(OSError, NoteError):
        return Head.parse(Note.parse(_last_checkpoint_file().read_text(encoding="utf-8")).text)
    return None


def remember(checkpoint: str) -> None:
    """Keep a signed checkpoint beside the key, unless a larger one of the same log is there."""
    head, last = Head.parse(Note.parse(checkpoint).text), last_signed()
    if last is not None and last.origin == head.origin and last.size > head.size:
        return
    path = _last_checkpoint_file()
    try:
        with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(checkpoint)
        Path(file.name).replace(path)
    except OSError:
        logger.exception("The last checkpoint could not be kept beside the key.")
