"""Office365-REST-Python-Client at work."""
