"""The demo: a fictional publication with articles, images, readers and comments."""
