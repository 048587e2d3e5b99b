"""From the bytes of a file to its text, as Markdown. Refuses, with a sentence for staff, what it cannot read. Pure."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path, PurePath

import pypdf
import pypdf.errors
import yaml

from kit import fast_yaml
from kit.errors import Invalid
from knowledge import docx
from knowledge.models import Extracted

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 300
MAX_CHARACTERS = 600_000

MARKDOWN, TEXT, PDF = "text/markdown", "text/plain", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTENSIONS = {".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": TEXT, ".text": TEXT, ".pdf": PDF, ".docx": DOCX}
PARSED = frozenset({PDF, DOCX})  # by code that a file may lead astray
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SENTENCE_END = (".", "!", "?", ":", ";", "…")
_BULLET = re.compile(r"^(?:[-*•‣▪◦·–]|\d{1,2}[.)])\s+")
_MIDDOT_BULLET = re.compile(r"^[•‣▪◦·–]\s*")

logging.getLogger("pypdf").setLevel(logging.ERROR)  # its warnings quote the document


class Unreadable(Invalid):
    """A file that cannot become text. `code` says why; the message is for whoever sent it."""

    def __init__(self, code: str) -> None:
        super().__init__(_refusals()[code])
        self.code = code


def refusal(code: str) -> str:
    """Why a file was refused, for staff."""
    return _refusals().get(code) or _refusals()["document_broken"]


@cache
def _refusals() -> dict[str, str]:
    texts: dict[str, str] = fast_yaml.load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))
    return texts


def media_type_of(name: str, data: bytes, declared: str | None = None) -> str:
    """What the file is: by its content first, then by its extension, then by what the sender declared.

    Raises Unreadable when it is none of Markdown, text, PDF or DOCX, or when content and extension contradict.
    """
    suffix = PurePath(name).suffix.lower()
    by_name = EXTENSIONS.get(suffix) or (declared if not suffix and declared in EXTENSIONS.values() else None)
    if b"%PDF-" in data[:1024]:
        if by_name in (PDF, None) or data.startswith(b"%PDF-"):
            return PDF
    elif by_name == PDF:
        raise Unreadable("document_mismatch")
    if by_name is None:
        raise Unreadable("document_unsupported")
    if by_name == DOCX:
        return _word(data)
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in data[:8192]:
        raise Unreadable("document_mismatch")
    return by_name


def _word(data: bytes) -> str:
    if docx.is_docx(data):
        return DOCX
    # With a password Word wraps the document in its older container, where the name of the part says so.
    locked = data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data
    raise Unreadable("document_encrypted" if locked else "document_mismatch")


def checked(name: str, data: bytes, declared: str | None = None) -> str:
    """The media type of a file that may be read: neither empty nor over 10 MB, of a kind we know. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("document_empty")
    if len(data) > MAX_BYTES:
        raise Unreadable("document_too_large")
    return media_type_of(name, data, declared)


def extract(name: str, data: bytes, declared: str | None = None) -> Extracted:
    """The text of a file of at most 10 MB, 300 pages and 600,000 characters. Raises Unreadable."""
    media_type = checked(name, data, declared)
    text, title = READERS[media_type](data)
    text = unicodedata.normalize("NFC", text)
    if not text.strip():
        raise Unreadable("document_image_only" if media_type in (PDF, DOCX) else "document_empty")
    if len(text) > MAX_CHARACTERS:
        raise Unreadable("document_too_long")
    return Extracted(text=text, media_type=media_type, title=" ".join(title.split())[:200])


def decode(data: bytes) -> str:
    """Text of a file of unknown age: a BOM decides, else UTF-8, else what Windows wrote in Brazil. Never fails."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _lines(data.decode(encoding, errors="replace"))
    try:
        return _lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        return _lines(data.decode("cp1252"))
    except UnicodeDecodeError:
        return _lines(data.decode("latin-1"))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")


def _read_markdown(data: bytes) -> tuple[str, str]:
    text = decode(data)
    matter = re.match(r"\A---\n(.*?)\n(?:---|\.\.\.)\s*\n", text, re.DOTALL)
    if matter is None:
        return text, _first_heading(text)
    try:
        told = fast_yaml.load(matter[1])
    except yaml.YAMLError:
        told = None
    if not isinstance(told, dict):
        return text, _first_heading(text)
    body = text[matter.end() :]
    return body, str(told.get("title") or told.get("titulo") or "") or _first_heading(body)


def _first_heading(text: str) -> str:
    found = re.search(r"^#\s+(.+?)\s*#*$", text, re.MULTILINE)
    return found[1] if found else ""


def _read_text(data: bytes) -> tuple[str, str]:
    """Plain text; a short line alone that reads as a title becomes a heading, and at the top it is the title."""
    shown, title = [], ""
    blocks = re.split(r"\n\s*\n", decode(data).strip())
    for position, block in enumerate(blocks):
        line = block.strip()
        unnumbered = re.sub(r"^\d+(\.\d+)*[.)]?\s+", "", line)
        on_top = position == 0 and len(blocks) > 1
        if "\n" not in line and _is_title(unnumbered) and (on_top or line.isupper() or unnumbered != line):
            heading = line.capitalize() if line.isupper() else line
            title = heading if on_top else title
            shown.append(f"## {heading}")
        else:
            shown.append("\n".join(_MIDDOT_BULLET.sub("- ", row.strip()) for row in block.splitlines()))
    return "\n\n".join(shown), title


def _is_title(line: str) -> bool:
    words = line.split()
    return 1 <= len(words) <= 10 and len(line) <= 80 and not line.endswith(_SENTENCE_END) and not _BULLET.match(line)


def _read_pdf(data: bytes) -> tuple[str, str]:
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        # Many PDFs are "encrypted" with an empty password, to forbid printing: those open.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("document_encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable("document_too_long")
        pages, total = [], 0
        for page in reader.pages:
            pages.append(_lines(page.extract_text()).splitlines())
            total += sum(map(len, pages[-1]))
            if total > MAX_CHARACTERS:
                raise Unreadable("document_too_long")
        title = str((reader.metadata.title if reader.metadata else None) or "")
    except Unreadable:
        raise
    except pypdf.errors.DependencyError:
        raise Unreadable("document_encrypted") from None
    except Exception as error:  # a hostile or broken file makes the parser fail in every way there is
        raise Unreadable("document_broken") from error
    return _flow(_without_furniture(pages)), title


def _read_docx(data: bytes) -> tuple[str, str]:
    try:
        return docx.read(data)
    except docx.TooBig:
        raise Unreadable("document_too_long") from None
    except Exception as error:  # a hostile or broken file makes the parser fail in every way there is
        raise Unreadable("document_broken") from error


def _without_furniture(pages: list[list[str]]) -> list[str]:
    """The lines of all pages without what repeats at their edges: letterhead, footers, page numbers."""
    edges = Counter(_numberless(line) for page in pages for line in {*page[:3], *page[-3:]} if line.strip())
    repeated = {line for line, times in edges.items() if times >= max(3, (len(pages) + 1) // 2)}
    kept: list[str] = []
    for page in pages:
        for position, line in enumerate(page):
            at_edge = position < 3 or position >= len(page) - 3
            bare = line.strip()
            if at_edge and (_numberless(line) in repeated or re.fullmatch(r"(?:p[áa]g(?:ina)?\.?\s*)?\d{1,4}", bare, re.I)):
                continue
            kept.append(bare)
    return kept


def _numberless(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _flow(lines: list[str]) -> str:
    """Paragraphs out of the hard lines of a printed page; short lines that stand as titles become headings."""
    widest = max((len(line) for line in lines), default=0)
    shown: list[str] = []
    open_line = before = ""
    for position, line in enumerate(lines):
        following = next((later for later in lines[position + 1 :] if later), "")
        if before and len(before) < 0.6 * widest and line[:1].isupper():  # the line before had room for this word
            shown.append(open_line)
            open_line = ""
        before = line
        if not line:
            shown.append(open_line)
            open_line = ""
        elif _BULLET.match(line):
            shown.append(open_line)
            open_line = _MIDDOT_BULLET.sub("- ", line)
        elif not open_line and _is_title(line) and _starts(line) and _starts(following):
            shown.append(f"## {line}")
        elif open_line.endswith("-") and line[:1].islower():
            open_line = open_line[:-1] + line
        else:
            open_line = f"{open_line} {line}" if open_line else line
        # A sentence that ends well before the margin ends its paragraph: pages rarely keep the blank line.
        if open_line.endswith(_SENTENCE_END) and len(line) < 0.75 * widest:
            shown.append(open_line)
            open_line = ""
    shown.append(open_line)
    return _join(shown)


def _starts(line: str) -> bool:
    return line[:1].isupper() or line[:1].isdigit() or bool(_BULLET.match(line))


def _join(blocks: list[str]) -> str:
    text = ""
    for block in filter(None, blocks):
        tight = block.startswith("- ") and text.rpartition("\n")[2].startswith("- ")
        text += ("\n" if tight else "\n\n") + block
    return text.strip()


# A new kind of file is one more reader: bytes in, (Markdown, title) out.
READERS: dict[str, Callable[[bytes], tuple[str, str]]] = {
    MARKDOWN: _read_markdown,
    TEXT: _read_text,
    PDF: _read_pdf,
    DOCX: _read_docx,
}
