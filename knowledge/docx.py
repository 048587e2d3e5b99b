"""The text of a Word document (DOCX) as Markdown: headings, lists and tables kept; what its reader would not see, left out.

A DOCX is XML inside a zip. Both can be made to swell without end: parts are read bounded and declarations are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import ZipFile

MOST_BYTES = 16 * 1024 * 1024  # of one part, unpacked: a long book has five

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_BODY, _STYLES, _CORE = "word/document.xml", "word/styles.xml", "docProps/core.xml"
# Deleted text, field codes, the fallback of what is already there in a newer form, notes of its reviewers.
_UNSEEN = frozenset({f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "pPr", "rPr", "sectPr")})
_BOX = f"{_W}txbxContent"  # said after the paragraph it hangs on
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OFF = ("0", "false", "off")


class TooBig(ValueError):
    """A part of the document unpacks to more than anybody wrote."""


def is_docx(data: bytes) -> bool:
    """Whether these bytes are a zip that holds a Word document."""
    try:
        with ZipFile(BytesIO(data)) as parts:
            return _BODY in parts.namelist()
    except Exception:  # a hostile or broken zip fails in every way there is
        return False


def read(data: bytes) -> tuple[str, str]:
    """(Markdown, title). Raises TooBig, and anything at all when the file is broken."""
    with ZipFile(BytesIO(data)) as parts:
        styles = _headings(_part(parts, _STYLES))
        body = _part(parts, _BODY)
        core = _part(parts, _CORE)
    if body is None:
        raise ValueError("no body")
    title = core.findtext(f".//{_TITLE}") if core is not None else None
    blocks = [block for block in _blocks(body, styles) if block[1]]
    return _joined(blocks), title or ""


def _part(parts: ZipFile, name: str) -> Element | None:
    if name not in parts.namelist():
        return None
    with parts.open(name) as packed:
        text = packed.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise TooBig(name)
    # Word writes no declarations; entities that multiply need one. The encodings that could hide it are not Word's either.
    if b"<!" in text.replace(b"<!--", b"") or not text.lstrip(b"\xef\xbb\xbf").startswith(b"<"):
        raise ValueError("declarations")
    return ElementTree.fromstring(text)


def _headings(styles: Element | None) -> dict[str, int]:
    """The level of each style that makes a heading; their ids are in the language of whoever wrote it, their names are not."""
    levels: dict[str, int] = {}
    for style in styles.iter(f"{_W}style") if styles is not None else ():
        named = style.find(f"{_W}name")
        name = (named.get(f"{_W}val") or "").casefold() if named is not None else ""
        found = re.fullmatch(r"heading ([1-9])", name)
        if found or name == "title":
            levels[style.get(f"{_W}styleId") or ""] = min(int(found[1]), 6) if found else 1
    return levels


def _blocks(parent: Element, styles: dict[str, int]) -> Iterator[tuple[str, str]]:
    """(kind, text) of what stands one below another, at any depth: paragraphs, items and tables."""
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph(child, styles)
            for box in _boxes(child):
                yield from _blocks(box, styles)
        elif child.tag == f"{_W}tbl":
            yield "table", _table(child)
        elif child.tag not in _UNSEEN and child.tag != _FALLBACK:
            yield from _blocks(child, styles)


def _boxes(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == _BOX:
            yield child
        elif child.tag != _FALLBACK:
            yield from _boxes(child)


def _paragraph(paragraph: Element, styles: dict[str, int]) -> tuple[str, str]:
    text = "".join(_words(paragraph)).strip()
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    level = styles.get(style.get(f"{_W}val") or "") if style is not None else None
    if level and text:
        return "heading", f"{'#' * level} {' '.join(text.split())}"
    if paragraph.find(f"{_W}pPr/{_W}numPr") is not None and text:
        return "item", f"- {' '.join(text.split())}"
    return "text", text


def _words(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag in (*_UNSEEN, _FALLBACK, _BOX) or (child.tag == f"{_W}r" and _hidden(child)):
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag == f"{_W}tab":
            yield " "
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        else:
            yield from _words(child)


def _hidden(run: Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val") not in _OFF


def _table(table: Element) -> str:
    rows = [[_cell(cell) for cell in row.findall(f"{_W}tc")] for row in table.findall(f"{_W}tr")]
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _cell(cell: Element) -> str:
    said = " ".join("".join(_words(paragraph)) for paragraph in cell.iter(f"{_W}p"))
    return " ".join(said.split()).replace("|", "/")


def _joined(blocks: list[tuple[str, str]]) -> str:
    text, before = "", ""
    for kind, block in blocks:
        text += ("\n" if kind == before == "item" else "\n\n") + block
        before = kind
    return text.strip()
