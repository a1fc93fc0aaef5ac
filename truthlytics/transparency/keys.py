"""The private key of the publication, which signs checkpoints. It is a file and never in the database."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
else:
    # Pages for readers do not need it.
    serialization = LazyModule("cryptography.hazmat.primitives.serialization")
    ed25519 = LazyModule("cryptography.hazmat.primitives.asymmetric.ed25519")


class KeyFileError(Exception):
    """The key cannot be used. The message is a sentence for the operator."""


def key_file() -> Path:
    return Path(settings.RECORD_KEY_FILE)


def new_key() -> "ed25519.Ed25519PrivateKey":
    return ed25519.Ed25519PrivateKey.generate()


def read_key() -> "ed25519.Ed25519PrivateKey":
    """Return the private key. Raises KeyFileError."""
    return read_key_in(key_file())


def read_key_in(path: Path) -> "ed25519.Ed25519PrivateKey":
    """Return the private key in the file `path`. Raises KeyFileError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise KeyFileError(
            _("The key of the record is missing: %(path)s. `manage.py record_key` makes one.") % {"path": path}
        ) from error
    except OSError as error:
        raise KeyFileError(
            _("The key of the record, %(path)s, cannot be read: %(error)s.") % {"path": path, "error": error.strerror}
        ) from error
    except (ValueError, TypeError) as error:
        raise KeyFileError(
            _("The file %(path)s is not a private key in PEM format without a password.") % {"path": path}
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise KeyFileError(_("The key of the record, %(path)s, is of another type than Ed25519.") % {"path": path})
    return key


def create_key() -> bool:
    """Make the key unless there is one. Returns whether it was made. Raises KeyFileError.

    Several processes may start at once: the first file stays, and it appears with its content.
    """
    path = key_file()
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent) as file:
            file.write(_pem(new_key()))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    except OSError as error:
        raise KeyFileError(f"The key of the record, {path}, cannot be made: {error.strerror}.") from error
    return True


def write_key(path: Path, key: "ed25519.Ed25519PrivateKey") -> None:
    """Write `key` to the file `path`, which is never there in part. Raises KeyFileError."""
    try:
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(_pem(key))
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        raise KeyFileError(f"The key {path} cannot be written: {error.strerror}.") from error


def _pem(key: "ed25519.Ed25519PrivateKey") -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
