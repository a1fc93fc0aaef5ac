"""Backups: the database, original files and renditions in one folder, with a manifest of checksums."""
