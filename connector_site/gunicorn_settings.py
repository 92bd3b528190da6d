"""Settings of the web server, read by gunicorn."""

import os
import tempfile

from connector_site.logging import logging_settings

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Imports the code once for all workers; nothing connects to a server before a request.
preload_app = True
graceful_timeout = 8
# Heartbeats go to a file that is better in memory where the system's folder is.
worker_tmp_dir = tempfile.gettempdir()
control_socket_disable = True
logconfig_dict = logging_settings(os.environ.get("LOG_LEVEL", "INFO"))
