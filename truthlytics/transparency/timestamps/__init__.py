"""Time stamps (RFC 3161): independent authorities sign when they have seen a checkpoint."""
