"""This site as a witness of others: its name and key."""

from contextlib import suppress

from django.conf import settings

from truthlytics.transparency.keys import KeyFileError, read_key
from truthlytics.transparency.notes import WITNESS_KEY, Signer, VerifierKey


def witness_address() -> str:
    """Return the URL to which others add `/add-checkpoint`."""
    return f"{settings.SITE_URL}/record/witness"


def witness_signer() -> Signer:
    """Return the key of the publication under the name with which it signs for others. Raises KeyFileError."""
    return Signer(witness_address().partition("://")[2], read_key())


def witness_key() -> VerifierKey | None:
    """Return the public key with which others verify what this site has signed as a witness, None without a key."""
    with suppress(KeyFileError):
        return witness_signer().verifier_key(WITNESS_KEY)
    return None
