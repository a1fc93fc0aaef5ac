"""A whole site as files that can be read without it (`export_site`), and back into an empty site (`import_export`).

docs/exporting.md describes the files. Exports may import the apps and `backups`, but no other feature.
"""
