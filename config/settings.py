"""Every setting of Muster, in one file, fed by the environment (`env.example` lists each variable)."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.contrib.messages import constants as message_levels

from config import environment as env
from config.embedded.postgres import socket_folder

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("MUSTER_DATA_DIR", str(BASE_DIR / ".data")))

# --- who and where ---------------------------------------------------------------------------------------------------
DEBUG = env.flag("MUSTER_DEBUG")
SECRET_KEY = env.text("MUSTER_SECRET_KEY", "only-for-tests-and-loopback")
MUSTER_URL = env.text("MUSTER_URL", "http://127.0.0.1:8000").rstrip("/")
ORGANISATION_NAME = env.text("MUSTER_ORGANISATION", "Muster")
# The zone of references (INC-YYYYMMDD-NNNN), of streamed fragments and of documents; people have their own.
TIME_ZONE = env.text("MUSTER_TIME_ZONE", "UTC")
ALLOWED_HOSTS = [urlsplit(MUSTER_URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"] + [
    host for host in env.text("MUSTER_ALLOWED_HOSTS").split(",") if host
]
CSRF_TRUSTED_ORIGINS = [MUSTER_URL]

# --- the house -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "accounts",
    "comms",
    "escalation",
    "incidents",
    "postmortems",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "ninja",
    "pgtrigger",
    "template_partials",
    "core",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "core.context.shell",
                "comms.context.engine",
                "comms.context.awake",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "core.templatetags.addresses",
                "core.templatetags.includes",
                "core.templatetags.moments",
            ],
        },
    }
]
MESSAGE_TAGS = {message_levels.ERROR: "danger"}
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- the store -------------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"postgresql://postgres@/muster?host={socket_folder(DATA_DIR / 'postgres')}")
DATABASES = {"default": env.database(DATABASE_URL)}
# A new connection per request or task would cost half of the capacity: everything takes one from the pool.
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
    "pool": {"min_size": 1, "max_size": env.whole_number("DATABASE_POOL_SIZE", 8), "timeout": 10},
    # What core.prepared asks a second time on a connection is planned there once; a pooler in between may not like it.
    "prepare_threshold": 1 if env.flag("DATABASE_PREPARES", default=True) else None,
}
# PostgreSQL was restarted: a connection of the pool is asked whether it lives before anybody relies on it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"NAME": env.text("TEST_DATABASE_NAME", "test_muster")}

# --- the bell --------------------------------------------------------------------------------------------------------
BROKER_FOLDER = DATA_DIR / "broker"
BROKER_URL = env.text("BROKER_URL", "filesystem://")
# Asked (GET) every so many seconds while the engine runs; the monitor behind it raises the alarm when that stops.
HEARTBEAT_URL = env.text("MUSTER_HEARTBEAT_URL")
HEARTBEAT_SECONDS = env.whole_number("MUSTER_HEARTBEAT_SECONDS", 30)

# --- calendars that are kept somewhere else --------------------------------------------------------------------------
# How often their addresses are asked, and whether they may lie on this machine, in its network, or behind plain http.
CALENDAR_MINUTES = env.whole_number("MUSTER_CALENDAR_MINUTES", 15)
CALENDAR_FROM_PRIVATE = env.flag("MUSTER_CALENDAR_FROM_PRIVATE")

# --- sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "incidents:board"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignupAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = MUSTER_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("MUSTER_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],  # widths of bars and clocks are values of the record
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- language, time, files -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = None  # WhiteNoise serves every file from where it lies
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "files"
# Evidence is kept in the database: how large one file may be.
ATTACHMENT_MB = env.whole_number("MUSTER_ATTACHMENT_MB", 10)
FILE_UPLOAD_HANDLERS = [
    "core.uploads.LimitedUpload",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A ladder's chapter in the admin is one form of many rows; Django's own limit of 1,000 fields is soon reached.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- what leaves -----------------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH = DATA_DIR / "mail"  # where the demo's mail lands: see config.embedded.wishes
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.whole_number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MUSTER_FROM_EMAIL", "muster@localhost")
# A Slack app of the organisation's: its bot token posts, its signing secret proves that an answer comes from Slack.
SLACK_BOT_TOKEN = env.text("SLACK_BOT_TOKEN")
SLACK_SIGNING_SECRET = env.text("SLACK_SIGNING_SECRET")
SLACK_API_URL = env.text("SLACK_API_URL", "https://slack.com/api/")
# Signs pushes to browsers (VAPID): 32 random bytes as base64url. Without it no browser can be rung.
PUSH_KEY = env.text("MUSTER_PUSH_KEY")

# SMS and calls by Twilio.
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_FROM = env.text("TWILIO_FROM")
TWILIO_MESSAGING_SERVICE_SID = env.text("TWILIO_MESSAGING_SERVICE_SID")
TWILIO_API_URL = env.text("TWILIO_API_URL", "https://api.twilio.com").rstrip("/")
# Answers by mail: where they go, and the secret in the address at which Muster takes them.
MUSTER_REPLY_TO = env.text("MUSTER_REPLY_TO")
MAIL_INCOMING_SECRET = env.text("MAIL_INCOMING_SECRET")
# SMS by any other provider that takes one HTTP request.
SMS_GATEWAY_URL = env.text("SMS_GATEWAY_URL")
SMS_GATEWAY_METHOD = env.text("SMS_GATEWAY_METHOD", "POST")
SMS_GATEWAY_HEADERS = env.text("SMS_GATEWAY_HEADERS", '{"Content-Type": "application/json"}')
SMS_GATEWAY_BODY = env.text("SMS_GATEWAY_BODY", '{"to": "{to}", "text": "{text}", "key": "{key}"}')
SMS_GATEWAY_STATUSES = env.text("SMS_GATEWAY_STATUSES")
SMS_GATEWAY_JSON_PATH = env.text("SMS_GATEWAY_JSON_PATH")
SMS_GATEWAY_JSON_VALUES = env.text("SMS_GATEWAY_JSON_VALUES", "0")
SMS_GATEWAY_ID_PATH = env.text("SMS_GATEWAY_ID_PATH")
SMS_GATEWAY_INCOMING_SECRET = env.text("SMS_GATEWAY_INCOMING_SECRET")
SMS_GATEWAY_REPORT_SECRET = env.text("SMS_GATEWAY_REPORT_SECRET")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    # A probe that asks whether we are ready is told so by the answer; a line for each “not yet” would bury the others.
    "filters": {
        "not_a_probe": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(getattr(record, "request", None), "path", "") != "/readyz",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["not_a_probe"]},
    },
    "root": {"handlers": ["console"], "level": env.text("MUSTER_LOG_LEVEL", "INFO")},
    # It writes every address that it calls, and an address of a webhook is a secret.
    "loggers": {"httpx": {"level": "WARNING"}, "slack_sdk": {"level": "WARNING"}},
}
