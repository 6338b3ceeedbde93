"""What a file really is, by its content (文件类型): a name can say anything."""

import io
import zipfile

SIGNATURES = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "ofd": "OFD.xml",
}
"""The entry every archive of this kind has."""
MACROS = "vbaproject.bin"
SAME = {"jpeg": "jpg"}


def kind_of(content: bytes) -> str | None:
    """The usual ending of such files, or None: unknown, damaged, or an archive that carries macros."""
    for kind, signature in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    return _kind_of_archive(content) if content.startswith(b"PK\x03\x04") else None


def ending_of(name: str) -> str:
    """What a file's name says it is: its ending, in small letters."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return SAME.get(ending, ending)


def _kind_of_archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return None
    if any(name.lower().endswith(MACROS) for name in names):
        return None
    return next((kind for kind, part in PARTS.items() if part in names), None)
