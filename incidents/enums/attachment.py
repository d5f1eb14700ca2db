"""What may be kept with an incident."""

from django.db.models import TextChoices


class MediaType(TextChoices):
    """What may be kept with an incident, found in the content and never believed from a name."""

    PNG = "image/png", "PNG picture"
    JPEG = "image/jpeg", "JPEG picture"
    GIF = "image/gif", "GIF picture"
    WEBP = "image/webp", "WebP picture"
    PDF = "application/pdf", "PDF"
    TEXT = "text/plain", "plain text"
    CSV = "text/csv", "CSV"
    JSON = "application/json", "JSON"
    ZIP = "application/zip", "ZIP archive"
    GZIP = "application/gzip", "gzip archive"
