"""Reasons why a column or a model is not exported."""

STAFF = "Accounts of the newsroom stay with the site that they log in to."
WORK = "Work in progress of the newsroom, of no use without its accounts. Backups have it."
DERIVED = "Made from the other files again."
PERSONAL = "Belongs to a reader, who can download it from their account page."
MODERATION = "Notes between moderators and readers. Backups have it."
BOOKS = "Books of the publisher, which stay where they were kept. Accounts and backups have it."
SECRET = "Gives access."  # noqa: S105
SERVER = "Concerns this server only."
QUIET = "So that a copy of the site emails nobody."
