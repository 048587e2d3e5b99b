"""What somebody would see of a text that was written in a rich editor: HTML as plain text. Pure; nothing is fetched or run.

Text that is no HTML comes back as it is: "sat <90%", "<anexo>". Nothing readable is lost: what a browser would hide (a style,
a colour) is shown, so that whoever reviews sees all that was read.
"""

from __future__ import annotations

import re
from html.entities import html5
from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("address", "article", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1",
     "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
     "tfoot", "thead", "tr", "ul")
)  # fmt: skip
_INLINE = frozenset(
    ("a", "abbr", "b", "base", "big", "caption", "cite", "code", "col", "colgroup", "del", "em", "font", "i", "img", "input",
     "ins", "label", "link", "mark", "meta", "o:p", "q", "s", "small", "span", "st1", "strike", "strong", "sub", "sup", "td",
     "th", "tt", "u", "wbr")
)  # fmt: skip
_HIDDEN = frozenset(("head", "script", "style", "title", "template", "noscript", "svg", "object", "xml"))
_KNOWN = _BLOCKS | _INLINE | _HIDDEN
_TAG = re.compile(
    r"</?(" + "|".join(sorted(map(re.escape, _KNOWN), key=len, reverse=True)) + r")(?=[\s/>])[^<>]*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:.*?-->)?|<!\[[^>]*>|<\?xml[^>]*>", re.DOTALL | re.IGNORECASE)


def plain_text(text: str) -> str:
    """`text` without tags and with its entities as characters; unchanged when it has neither."""
    if _TAG.search(text):
        reader = _Reader()
        reader.feed(_COMMENT.sub("", text))
        reader.close()
        return _tidy(reader.said(), wrapped=any(one[1].lower() in _BLOCKS for one in _TAG.finditer(text)))
    return _ENTITY.sub(lambda one: _character(one[1]) or one.group(), text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._seen: list[str] = []
        self._unseen: list[str] = []
        self._hidden: list[str] = []  # tags we are inside of

    def said(self) -> str:
        """All that is to be read. What a tag that was never closed would have hidden is."""
        return "".join([*self._seen, *(self._unseen if self._hidden else ())])

    def set_cdata_mode(self, elem: str, **_: object) -> None:
        """A script is read as markup like any other and left out as a whole, so that an unclosed one swallows nothing."""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _KNOWN:
            self._put(self.get_starttag_text() or "")
        elif tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag in _BLOCKS:
            self._put("\v- " if tag == "li" else "\v")
        elif tag in ("td", "th"):
            self._put(" ")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
            if not self._hidden:
                self._unseen.clear()
        elif tag in _BLOCKS:
            self._put("\v")
        elif tag not in _KNOWN:
            self._put(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(_character(name) or f"&{name}")

    def handle_charref(self, name: str) -> None:
        self._put(_character(f"#{name}") or f"&#{name};")

    def _put(self, text: str) -> None:
        (self._unseen if self._hidden else self._seen).append(text)


def _character(name: str) -> str | None:
    if not name.startswith("#"):
        return html5.get(f"{name};") or html5.get(f"{name.lower()};")
    number = int(name[2:], 16) if name[1:2] in "xX" else int(name[1:])
    return chr(number) if 31 < number < 0x110000 and not 0xD800 <= number < 0xE000 else " "


def _tidy(text: str, *, wrapped: bool) -> str:
    """Lines as they would be seen: where tags break them, line ends of the file do not."""
    lines = re.split(r"\v+" if wrapped else r"\v|\n", text.replace("\xa0", " "))
    kept = (" ".join(line.split()) for line in lines)
    return "\n".join(line for line in kept if line and line != "-")
