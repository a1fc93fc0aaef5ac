"""Tests of the reader for Substack."""
