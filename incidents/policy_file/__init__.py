"""A ladder as one reviewed YAML file: read it, check it, compare it, write it.

The same document stands behind the admin's form: there is one way to check a policy, whoever typed it.
Nothing here writes to the database; incidents.actions.ladder does.
"""

from incidents.policy_file.changes import changes_in_words
from incidents.policy_file.document import PolicyDocument
from incidents.policy_file.plan import Plan, missing_in, plan_document, warnings_of
from incidents.policy_file.presets import preset_names, read_file_or_preset
from incidents.policy_file.problems import PolicyFileInvalid, Problem
from incidents.policy_file.reading import read_document, read_fields
from incidents.policy_file.rows import document_of, fetch_rows
from incidents.policy_file.writing import fields_of, write_document

__all__ = [
    "Plan",
    "PolicyDocument",
    "PolicyFileInvalid",
    "Problem",
    "changes_in_words",
    "document_of",
    "fetch_rows",
    "fields_of",
    "missing_in",
    "plan_document",
    "preset_names",
    "read_document",
    "read_fields",
    "read_file_or_preset",
    "warnings_of",
    "write_document",
]
