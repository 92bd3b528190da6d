"""The file formats of Anaplan's definitions: encodings, separators and text delimiters."""

from dataclasses import dataclass

from integrations.transport.errors import IntegrationError

_CODECS = {
    "UTF8": "utf-8",
    "UTF16LE": "utf-16-le",
    "UTF16BE": "utf-16-be",
    "ISO88591": "iso-8859-1",
    "LATIN1": "iso-8859-1",
    "WINDOWS1252": "cp1252",
    "USASCII": "ascii",
}
_SEPARATORS = frozenset(",;\t|:~^ ")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a text file is written: `codec` is Python's name, `delimiter` is "" for none."""

    codec: str
    separator: str
    delimiter: str

    @classmethod
    def build(cls, encoding: str, separator: str, delimiter: str) -> "FileFormat":
        """Check a definition's words; IntegrationError file_format_unsupported."""
        codec = _CODECS.get("".join(filter(str.isalnum, encoding.upper())) or "UTF8")
        if codec is None:
            raise IntegrationError("file_format_unsupported", part="encoding", given=encoding)
        separator = {"": ",", "\\t": "\t", "TAB": "\t"}.get(separator, separator)
        if separator not in _SEPARATORS:
            raise IntegrationError("file_format_unsupported", part="separator", given=separator)
        if len(delimiter) > 1 or delimiter == separator:
            raise IntegrationError("file_format_unsupported", part="delimiter", given=delimiter)
        return cls(codec, separator, delimiter)
