"""Backups: the database, original files and renditions in one folder, with a manifest of checksums.

They may import the apps, but no other feature.
"""
