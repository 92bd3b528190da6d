"""The REST API: it reads calls, asks one service or selector, and answers in JSON."""
