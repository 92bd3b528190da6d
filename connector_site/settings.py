"""All settings of ml-connector, read from the environment only."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from connector_site.env import (
    DatabaseAddress,
    Environment,
    MailServer,
    parse_authorities,
    parse_database_url,
    parse_encryption_keys,
    parse_mail_from,
    parse_mail_url,
    parse_origin,
    parse_redis_url,
)
from connector_site.logging import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment(os.environ)

# What this installation is for. Only production faces customers and refuses every shortcut.
MODE = _env.choice("MODE", ("production", "demo", "test", "development"), default="production")
IS_PRODUCTION = MODE == "production"

DEBUG = _env.flag("DEBUG", default=False)
if DEBUG and MODE != "development":
    _env.complain("DEBUG", "may be on only with MODE=development.")

SECRET_KEY = _env.secret("SECRET_KEY")
if SECRET_KEY and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
    _env.complain("SECRET_KEY", "is too weak: it needs 50 random characters.")

# Fernet keys that wrap the data key of each organization, newest first.
ENCRYPTION_KEYS: list[str] = _env.parsed(
    "ENCRYPTION_KEYS", _env.secret("ENCRYPTION_KEYS"), parse_encryption_keys, []
)

PUBLIC_ORIGIN = _env.parsed(
    "PUBLIC_ORIGIN", _env.text("PUBLIC_ORIGIN"), parse_origin, "https://localhost"
)
_HAS_TLS = PUBLIC_ORIGIN.startswith("https://")
if IS_PRODUCTION and not _HAS_TLS:
    _env.complain("PUBLIC_ORIGIN", "must start with https:// when MODE=production.")

# Stand-ins on loopback are reachable only where nobody's real data is.
ALLOW_LOOPBACK_ADDRESSES = _env.flag("ALLOW_LOOPBACK_ADDRESSES", default=False)
if ALLOW_LOOPBACK_ADDRESSES and IS_PRODUCTION:
    _env.complain("ALLOW_LOOPBACK_ADDRESSES", "must be off when MODE=production.")

# Certificates (PEM) of authorities that are trusted besides the public ones.
TRUSTED_AUTHORITIES: str = _env.parsed(
    "TRUSTED_AUTHORITIES", _env.secret("TRUSTED_AUTHORITIES", ""), parse_authorities, ""
)

# Proxies in front that append to X-Forwarded-For; the outermost one ends TLS, and all always
# overwrite X-Forwarded-Proto.
PROXY_COUNT = _env.integer("PROXY_COUNT", default=0, low=0, high=9)

# Seconds for which one worker's claim on a run holds without a heartbeat.
RUN_LEASE_SECONDS = _env.integer("RUN_LEASE_SECONDS", default=60, low=5, high=3600)

# Seconds for which the right to load one Anaplan model holds without being renewed.
MODEL_LEASE_SECONDS = _env.integer("MODEL_LEASE_SECONDS", default=300, low=5, high=3600)
# Minutes after which a run that still waits is deferred.
RUN_DEADLINE_MINUTES = _env.integer("RUN_DEADLINE_MINUTES", default=360, low=1, high=10_080)
# Seconds after which an import that Anaplan's task list does not show was never started.
START_GRACE_SECONDS = _env.integer("START_GRACE_SECONDS", default=20, low=0, high=600)

# Pages of a unit that are kept in one commit, and bytes of the file in one chunk (Anaplan: 50 MB).
PAGES_A_COMMIT = _env.integer("PAGES_A_COMMIT", default=16, low=1, high=1_000)
CHUNK_BYTES = _env.integer("CHUNK_BYTES", default=45_000_000, low=1_000, high=50_000_000)

# Where sorted runs and files lie for the length of one slice.
SPOOL_FOLDER = Path(_env.text("SPOOL_FOLDER", str(BASE_DIR / ".local" / "spool")))

# Mail leaves through a server; without one, outside production, it is kept in a folder and
# shown at /demo/mail/.
_mail_server: MailServer = _env.parsed(
    "MAIL_URL", _env.secret("MAIL_URL", None if IS_PRODUCTION else ""), parse_mail_url, MailServer()
)
DEFAULT_FROM_EMAIL: str = _env.parsed(
    "MAIL_FROM",
    _env.text("MAIL_FROM", None if IS_PRODUCTION else "ml-connector <no-reply@localhost>"),
    parse_mail_from,
    "",
)
MAILBOX_FOLDER = Path(_env.text("MAILBOX_FOLDER", str(BASE_DIR / ".local" / "mail")))
KEEPS_MAIL = not _mail_server.host and not IS_PRODUCTION

LOG_LEVEL = _env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")

# The owner's URL is asked for only by schema commands: the web and the workers never hold it.
DATABASE_ROLE = _env.choice("DATABASE_ROLE", ("runtime", "owner"), default="runtime")
_database_setting = "DATABASE_OWNER_URL" if DATABASE_ROLE == "owner" else "DATABASE_URL"
_database = _env.parsed(
    _database_setting, _env.secret(_database_setting), parse_database_url, DatabaseAddress()
)
# The role that DATABASE_URL signs in with; `migrate` grants it its rights.
RUNTIME_ROLE = _env.text("DATABASE_RUNTIME_ROLE", "connector_app")
REDIS_URL = _env.parsed("REDIS_URL", _env.secret("REDIS_URL"), parse_redis_url, "")

_env.stop_if_wrong()

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": f"ml-connector-{DATABASE_ROLE}",
            **_database.options,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "accounts.apps.AccountsConfig",
    "audit.apps.AuditConfig",
    "integrations.apps.IntegrationsConfig",
    "connector_site.apps.SiteConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "connector_site.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.OrganizationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "connector_site.urls"
WSGI_APPLICATION = "connector_site.wsgi.application"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
CSRF_FAILURE_VIEW = "accounts.error_pages.stale_form"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signing up and in is django-allauth's work, with the forms, words and limits of accounts/.
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.ChangeAddressForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.forms.AddressCodeForm",
    "confirm_password_reset_code": "accounts.forms.ResetCodeForm",
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "set_password": "accounts.forms.FirstPasswordForm",
    "signup": "accounts.forms.SignUpForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.factor_forms.AuthenticatorAppForm",
    "add_webauthn": "accounts.factor_forms.AddPasskeyForm",
    "authenticate": "accounts.factor_forms.SecondFactorForm",
    "edit_webauthn": "accounts.factor_forms.RenamePasskeyForm",
    "reauthenticate": "accounts.factor_forms.ConfirmFactorForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "ml-connector"
MFA_TOTP_TOLERANCE = 1
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_NAME = "__Host-remembered" if _HAS_TLS else "remembered"
# Browsers let passkeys be used without TLS on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HAS_TLS

EMAIL_BACKEND = (
    "accounts.mailbox.MailboxBackend"
    if KEEPS_MAIL
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = _mail_server.host
EMAIL_PORT = _mail_server.port
EMAIL_HOST_USER = _mail_server.user
EMAIL_HOST_PASSWORD = _mail_server.password
EMAIL_USE_SSL = _mail_server.is_tls_from_start
EMAIL_USE_TLS = not _mail_server.is_tls_from_start
EMAIL_TIMEOUT = 10

CACHES = {"default": {"BACKEND": "connector_site.cache.SharedCache", "KEY_PREFIX": "pages"}}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
# Outside production files are served from where they lie, so that no collectstatic is needed.
STATIC_ROOT = BASE_DIR / "staticfiles" if IS_PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

_PUBLIC_HOST = urlsplit(PUBLIC_ORIGIN).hostname or ""
ALLOWED_HOSTS = [_PUBLIC_HOST] if IS_PRODUCTION else [_PUBLIC_HOST, "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
SECURE_SSL_REDIRECT = _HAS_TLS
SECURE_HSTS_SECONDS = 31_536_000 if _HAS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HAS_TLS
SECURE_HSTS_PRELOAD = _HAS_TLS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
SESSION_COOKIE_NAME = "__Host-session" if _HAS_TLS else "session"
SESSION_COOKIE_SECURE = _HAS_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if _HAS_TLS else "csrf"
CSRF_COOKIE_SECURE = _HAS_TLS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Pico CSS draws its small icons from data: images in its own style sheet.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

REST_FRAMEWORK = {
    # An endpoint that names neither sign-in nor permission is closed.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "connector_site.api_errors.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ml-connector",
    "DESCRIPTION": "Start and follow runs that load QAD's books into Anaplan and prove them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": "/", "description": "The installation that serves this document."}],
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "integrations.api.schema.close_inputs",
    ],
}

LOGGING = logging_settings(LOG_LEVEL)
