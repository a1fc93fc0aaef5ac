"""Sources without the database: finding them in texts, and checking whether their pages are online."""
