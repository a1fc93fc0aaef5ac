"""The pages of the newsroom about imports: articles, readers, contracts, and emails with links to log in."""
