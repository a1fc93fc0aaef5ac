"""The endpoint for assistants, by the Model Context Protocol: search and read what is published (docs/api.md).

It keeps no state and changes nothing. It may import all apps and the API, which decides who asks.

https://modelcontextprotocol.io/specification/2025-11-25
"""
