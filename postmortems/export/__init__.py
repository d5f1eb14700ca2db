"""The document as text: what is derived from the record, its Markdown, its paper."""
