"""Tests of `export_site` and of importing what it writes."""
