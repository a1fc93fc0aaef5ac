"""Give SQLite's files to their owner alone: they hold password hashes, sessions and unpublished articles."""

from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver


@receiver(connection_created)
def make_private(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Remove the rights of other accounts. SQLite gives new files beside the database the same rights."""
    if connection.vendor != "sqlite":
        return
    for suffix in ("", "-wal", "-shm"):
        path = Path(f"{connection.settings_dict['NAME']}{suffix}")
        try:
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
        except OSError:
            continue  # in memory, not created yet, or of another account
