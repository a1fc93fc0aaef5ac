"""Messages and tips from readers."""
