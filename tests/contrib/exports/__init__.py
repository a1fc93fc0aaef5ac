"""Tests of `export_site` and of importing what it writes (`import_export`)."""
