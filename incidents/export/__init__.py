"""Documents made of the record: the status document, the brief of a handover, texts for each audience, files."""

from incidents.export.brief import handover_brief
from incidents.export.status_document import status_document

__all__ = ["handover_brief", "status_document"]
