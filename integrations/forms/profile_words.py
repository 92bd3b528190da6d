"""What the values of an instance profile are called on its forms, and what each of them does."""

PARTS = {
    "auth": ("Signing in", "Secrets are never in the profile."),
    "workspace": ("Workspace", "How a call says for which domain and entity it is."),
    "paging": ("Paging", "How lists are asked for page by page, and when they end."),
    "filter": ("Filters", "How conditions are written. Several hold together."),
    "sort": ("Order", "How an order is asked for."),
    "limits": ("Manners", "How gently the instance is asked."),
    "tls": ("Secure connection", "Checking it cannot be switched off."),
}
"""The title and the one sentence of each part, in the order of the page."""

WORDS = {
    "auth.mode": ("Way in", "How to sign in; user and secret stand on the connection."),
    "auth.token_path": ("Token path", "Below the tenant URL, for OAuth2."),
    "auth.client_id": ("Client id", "Of the instance, where the connection has none."),
    "auth.refresh": ("Use the refresh token", ""),
    "auth.default_ttl_s": ("Token life, seconds", "Where QAD does not say how long."),
    "auth.margin_s": ("Renew early, seconds", "How long before its end a token is renewed."),
    "workspace.header": ("Header", ""),
    "workspace.format": ("Format", "{domain} and {entity} are filled in."),
    "paging.page_param": ("Parameter for the page", ""),
    "paging.size_param": ("Parameter for the size", ""),
    "paging.first_page": ("Number of the first page", "0 or 1."),
    "paging.size": ("Rows a page", "500 is gentle; large pages cost memory on both sides."),
    "paging.action_param": (
        "Parameter for the action",
        "Without it many instances send no rows at all. Empty: not sent.",
    ),
    "paging.action_first": ("Action of the first page", ""),
    "paging.action_next": ("Action of later pages", ""),
    "paging.total_key": ("Name of the total", "In an answer; it is compared and never trusted."),
    "paging.max_pages": ("Most pages", "A list that does not end by then is an error."),
    "paging.stop": ("The list ends with", "A short page, an empty page, or the total."),
    "filter.param": ("Parameter", ""),
    "filter.grammar": ("Grammar", "How one condition is written."),
    "sort.param": ("Parameter", "Empty: no order is asked for."),
    "sort.format": ("Format", "{field} and {dir} are filled in."),
    "limits.concurrency": ("Calls at a time", "2 leaves room for the people in QAD."),
    "limits.min_gap_ms": ("Gap between calls, milliseconds", "At most 5,000."),
    "limits.connect_s": ("Wait for the connection, seconds", ""),
    "limits.read_s": ("Wait for an answer, seconds", ""),
    "limits.tries": ("Tries of one call", "Only of what may be repeated."),
    "tls.ca_pem": ("Own authority (PEM)", "Trusted for this connection besides the public ones."),
}
"""The label and the help of each value, by its place in the profile."""
