"""A document cut where its author cut it: by headings, paragraphs, lists and tables. Pure.

Sizes are in words. A passage never mixes two headings, a list or table is cut only between its items (a table repeats
its header), and a question stays with its answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kit.text import strip_hidden
from knowledge.models import Piece

VERSION = 2  # part of every content hash: raise it when the same text would be cut differently
TARGET_WORDS = 150
MAX_WORDS = 220
MAX_CHARACTERS = 1_700
MAX_TOKEN = 80
SEPARATOR = " › "

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_RULE = re.compile(r"^ {0,3}([-*_])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?(https?://[^\s)>]+|mailto:[^\s)>]+|tel:[^\s)>]+|[^\s)>]*)>?[^)]*\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“(]?[A-ZÁÉÍÓÚÂÊÔÃÕÀÇ0-9])")
# A full stop after these does not end a sentence.
_ABBREVIATED = re.compile(r"\b(?:dra?|drs|dras|sra?|srs|prof|profa|av|r|nº|n|tel|etc|ex|obs|min|máx|aprox|pág|art)\.$", re.I)


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str  # text, list, table
    text: str
    heading: tuple[str, ...]

    @property
    def leads(self) -> bool:
        """Whether it announces what comes next: a question, or "Traga:"."""
        return self.kind == "text" and self.text.rstrip().endswith((":", "?")) and len(self.text) <= 250


def split(text: str, *, title: str = "") -> list[Piece]:
    """The pieces of a Markdown text, in order; [] when it has no words. `title` heads the path when the text has no H1."""
    pieces: list[Piece] = []
    for section in _sections(_blocks(_clean(text))):
        path = section[0].heading
        if title and (not path or path[0].casefold() != title.casefold()):
            path = (title, *path)
        heading = SEPARATOR.join(path)[:300]
        pieces += [Piece(heading=heading, content=content) for content in _pack(section)]
    return [piece for piece in pieces if re.search(r"\w", piece.content)]


def _clean(text: str) -> str:
    """Without what a reader would not see, and without words no model can read."""
    text = strip_hidden(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _COMMENT.sub("", text)
    return re.sub(rf"\S{{{MAX_TOKEN + 1},}}", lambda found: _broken(found[0]), text)


def _broken(token: str) -> str:
    if re.match(r"[|:\-=_*#`~]+$", token):
        return token  # a rule or an underline, not a word
    return " ".join(token[start : start + MAX_TOKEN] for start in range(0, len(token), MAX_TOKEN))


def _inline(text: str) -> str:
    """Markdown's marks removed, its words kept; a web address stays beside the words that link to it."""
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(lambda found: _linked(found[1], found[2]), text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = _TAG.sub(" ", text).replace("`", "")
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!|>])", r"\1", text)


def _linked(words: str, address: str) -> str:
    address = re.sub(r"^(?:mailto|tel):", "", address)
    shown = address.startswith("http") or "@" in address or address.startswith("+")
    return f"{words} ({address})" if shown and address not in words else words


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    path: list[tuple[int, str]] = []
    held: list[str] = []
    fenced = False

    def close() -> None:
        if held:
            blocks.append(_block(held, tuple(words for _, words in path)))
            held.clear()

    for line in [*text.split("\n"), ""]:
        if _FENCE.match(line):
            fenced = not fenced
            close()
            continue
        heading = None if fenced else _HEADING.match(line)
        underlined = not fenced and _UNDERLINE.match(line) and len(held) == 1 and _titles(held[0])
        if heading or underlined:
            level = len(heading[1]) if heading else (1 if line.strip().startswith("=") else 2)
            words = _inline(heading[2] if heading else held.pop()).strip()
            close()
            path[:] = [(deep, name) for deep, name in path if deep < level] + [(level, words)] * bool(words)
        elif not line.strip() or (not fenced and (_RULE.match(line) or _UNDERLINE.match(line))):
            close()
        else:
            if held and _shape(line) != _shape(held[-1]) and not _continues(line, held):
                close()
            held.append(re.sub(r"^ {0,3}>\s?", "", line.rstrip()))
    close()
    return _rejoin_lists(blocks)


def _titles(line: str) -> bool:
    return not _shape(line) and _words(line) <= 15 and not line.rstrip().endswith((".", "!", ";", ","))


def _shape(line: str) -> str:
    if line.lstrip().startswith("|") or _TABLE_RULE.match(line):
        return "table"
    return "list" if _ITEM.match(line) else ""


def _continues(line: str, held: list[str]) -> bool:
    """An indented or lazy line after an item belongs to it."""
    return not _shape(line) and _shape(held[0]) == "list"


def _block(lines: list[str], heading: tuple[str, ...]) -> _Block:
    kind = _shape(lines[0]) or "text"
    if kind == "text":
        return _Block("text", _inline(" ".join(line.strip() for line in lines)), heading)
    if kind == "table":
        return _Block("table", "\n".join(_inline(line.strip()) for line in lines if not _TABLE_RULE.match(line)), heading)
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line) or not items:
            deep = "  " if line.startswith(("  ", "\t")) else ""
            mark = re.match(r"\s*(\d{1,3}[.)])", line)
            items.append(f"{deep}{mark[1] if mark else '-'} {_ITEM.sub('', line).strip()}")
        else:
            items[-1] += f" {line.strip()}"
    return _Block("list", "\n".join(_inline(item) for item in items), heading)


def _rejoin_lists(blocks: list[_Block]) -> list[_Block]:
    """A list with blank lines between its items is one list."""
    joined: list[_Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and block.kind == last.kind == "list" and block.heading == last.heading:
            joined[-1] = _Block("list", f"{last.text}\n{block.text}", block.heading)
        else:
            joined.append(block)
    return joined


def _sections(blocks: list[_Block]) -> list[list[_Block]]:
    sections: list[list[_Block]] = []
    for block in blocks:
        if sections and sections[-1][0].heading == block.heading:
            sections[-1].append(block)
        else:
            sections.append([block])
    return sections


def _pack(section: list[_Block]) -> list[str]:
    """Blocks of one heading gathered into passages near the target, never over the maximum."""
    packed: list[str] = []
    held: list[str] = []
    for unit in _units(section):
        size = sum(map(_words, held))
        fits = size + _words(unit) <= (MAX_WORDS if _words(unit) < 30 else TARGET_WORDS)
        if held and not (fits and len("\n\n".join([*held, unit])) <= MAX_CHARACTERS):
            packed.append("\n\n".join(held))
            held = []
        held.append(unit)
    return [*packed, "\n\n".join(held)] if held else packed


def _units(section: list[_Block]) -> list[str]:
    """What must stay together: a block with the lines that announce it; larger ones cut between sentences or items."""
    units: list[str] = []
    leading: list[str] = []
    for block in section:
        if block.leads:
            leading.append(block.text)
            continue
        lead = "\n".join(leading)
        leading = []
        units += _cut(lead, block)
    return units + leading


def _cut(lead: str, block: _Block) -> list[str]:
    whole = f"{lead}\n{block.text}" if lead else block.text
    if _words(whole) <= MAX_WORDS and len(whole) <= MAX_CHARACTERS:
        return [whole]
    rows = block.text.split("\n") if block.kind != "text" else _sentences(block.text)
    head = rows.pop(0) if block.kind == "table" and len(rows) > 1 else ""
    again = "\n".join(filter(None, (lead, head))) if block.kind != "text" else ""
    glue = " " if block.kind == "text" else "\n"
    parts: list[list[str]] = [[lead] if lead and block.kind == "text" else []]
    for row in (part for whole_row in rows for part in _short(whole_row)):
        joined = glue.join([*parts[-1], row])
        if parts[-1] and (_words(joined) > TARGET_WORDS or len(joined) + len(again) > MAX_CHARACTERS):
            # One sentence of overlap: the next one often leans on it ("Nesse caso, …").
            tail = parts[-1][-1:] if block.kind == "text" and len(parts[-1]) > 1 and _words(parts[-1][-1]) <= 30 else []
            parts.append([*tail, row])
        else:
            parts[-1].append(row)
    return ["\n".join(filter(None, (again, glue.join(part)))) for part in parts if part]


def _short(row: str) -> list[str]:
    """A sentence or item in pieces that fit: only a wall of text without a full stop is ever cut inside."""
    words = row.split(" ")
    if len(words) <= TARGET_WORDS and len(row) <= MAX_CHARACTERS // 2:
        return [row]
    parts: list[str] = [""]
    for word in words:
        longer = f"{parts[-1]} {word}".strip()
        if parts[-1] and (len(longer) > MAX_CHARACTERS // 2 or len(longer.split()) > TARGET_WORDS):
            parts.append(word)
        else:
            parts[-1] = longer
    return parts


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    for part in _SENTENCE.split(text):
        if sentences and _ABBREVIATED.search(sentences[-1]):
            sentences[-1] += f" {part}"
        else:
            sentences.append(part)
    return sentences


def _words(text: str) -> int:
    return len(text.split())
