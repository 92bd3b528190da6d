"""Books and models that ship with the stand-ins."""
