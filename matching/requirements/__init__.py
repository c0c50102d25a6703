"""Reads what a tender asks for from its fields and texts (French, Arabic, English): text in, findings out."""

from matching.requirements.reading import read_text
from matching.requirements.records import read_record
from matching.requirements.wire import Json, finding_json, value_json

__all__ = ["Json", "finding_json", "read_record", "read_text", "value_json"]
