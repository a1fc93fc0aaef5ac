"""Tests of importing exports of Ghost."""
