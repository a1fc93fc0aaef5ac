"""Readers' data: download everything, or delete the account."""
