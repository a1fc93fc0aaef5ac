"""Tests of the import from WordPress."""
