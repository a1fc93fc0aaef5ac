"""Tests of articles.sources."""
