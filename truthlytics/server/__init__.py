"""The processes of a site: supervisor, web processes, request bodies and health checks."""
