"""The Graph face: mail as Microsoft Graph speaks it, over ASGI."""
