"""Files without what their makers wrote into them: place, camera, author, and whatever follows their end. Pure.

Containers are rewritten piece by piece; pictures and sound are not encoded again. ValueError: not a sound file of its type.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping

_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset([b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs"])
_WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
_WAV_KEPT = frozenset([b"fmt ", b"data", b"fact"])
_MP4_TOLD = frozenset([b"udta", b"meta", b"uuid", b"skip", b"free"])
_MP4_BOXES = frozenset([b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf"])
_EXIF, _XMP = 0x08, 0x04  # flags of a VP8X chunk


def stripped(data: bytes, media_type: str) -> bytes:
    """The same picture, film or sound, told by nobody. A type without a rule here comes back as it is."""
    rule = _RULES.get(media_type)
    try:
        return rule(data) if rule else data
    except (IndexError, struct.error) as error:
        raise ValueError("cut short") from error


def _jpeg(data: bytes) -> bytes:
    kept, place = [b"\xff\xd8"], 2
    while True:
        while data[place] == 0xFF and data[place + 1] == 0xFF:
            place += 1
        if data[place] != 0xFF:
            raise ValueError("no marker")
        marker = data[place + 1]
        if marker == 0xD9:
            return b"".join([*kept, b"\xff\xd9"])
        if marker in _JPEG_ALONE:
            kept.append(data[place : place + 2])
            place += 2
            continue
        end = place + 2 + struct.unpack_from(">H", data, place + 2)[0]
        if end > len(data) or end < place + 4:
            raise ValueError("segment past the end")
        if _shows(marker, data[place + 4 : end]):
            kept.append(data[place:end])
        if marker == 0xDA:
            after = _scan_end(data, end)
            kept.append(data[end:after])
            end = after
        place = end


def _shows(marker: int, body: bytes) -> bool:
    """Whether a segment changes how the picture looks: colours do, stories do not."""
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) == 14  # longer: it carries a thumbnail
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _scan_end(data: bytes, place: int) -> int:
    """Where the coded picture ends: at the next marker that is neither stuffing nor a restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0:
            raise ValueError("no end")
        if data[place + 1] != 0 and data[place + 1] not in _JPEG_ALONE and data[place + 1] != 0xFF:
            return place
        place += 1 if data[place + 1] == 0xFF else 2


def _png(data: bytes) -> bytes:
    kept, place = [_PNG], len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", data, place)
        name, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            raise ValueError("chunk past the end")
        if name in _PNG_KEPT:
            kept.append(data[place:end])
        if name == b"IEND":
            return b"".join(kept)
        place = end


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, body) of a RIFF file, as far as it says it goes."""
    end = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    place = 12
    while place + 8 <= end:
        name, length = data[place : place + 4], struct.unpack_from("<I", data, place + 4)[0]
        yield name, data[place + 8 : min(place + 8 + length, end)]
        place += 8 + length + (length & 1)


def _riff(form: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    if not chunks:
        raise ValueError("nothing inside")
    body = b"".join(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1) for name, body in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + form + body


def _webp(data: bytes) -> bytes:
    kept = [(name, body) for name, body in _chunks(data) if name in _WEBP_KEPT]
    return _riff(
        b"WEBP",
        [(name, bytes([body[0] & ~(_EXIF | _XMP)]) + body[1:] if name == b"VP8X" else body) for name, body in kept],
    )


def _wav(data: bytes) -> bytes:
    return _riff(b"WAVE", [(name, body) for name, body in _chunks(data) if name in _WAV_KEPT])


def _gif(data: bytes) -> bytes:
    place = 13 + _palette(data[10])
    kept = [data[:place]]
    while data[place] != 0x3B:
        if data[place] == 0x2C:
            end = _blocks_end(data, place + 11 + _palette(data[place + 9]))
            kept.append(data[place:end])
        elif data[place] == 0x21:
            end = _blocks_end(data, place + 2)
            if data[place + 1] == 0xF9 or data[place + 3 : place + 14] == b"NETSCAPE2.0":
                kept.append(data[place:end])
        else:
            raise ValueError("no block")
        place = end
    return b"".join([*kept, b";"])


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, place: int) -> int:
    while data[place]:
        place += 1 + data[place]
    return place + 1


def _mp4(data: bytes) -> bytes:
    """Boxes that tell become empty room of the same size: every offset into the file still holds."""
    found = bytearray(data)
    _blank(found, 0, len(found), depth=0)
    return bytes(found)


def _blank(data: bytearray, place: int, end: int, *, depth: int) -> None:
    while place + 8 <= end:
        size, head = struct.unpack_from(">I", data, place)[0], 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, place + 8)[0], 16
        if size == 0:
            size = end - place
        if size < head or place + size > end:
            raise ValueError("box past the end")
        name = bytes(data[place + 4 : place + 8])
        if name in _MP4_TOLD:
            data[place + 4 : place + 8] = b"free"
            data[place + head : place + size] = bytes(size - head)
        elif name in _MP4_BOXES and depth < 8:
            _blank(data, place + head, place + size, depth=depth + 1)
        place += size


def _mp3(data: bytes) -> bytes:
    while data.startswith(b"ID3"):
        a, b, c, d = data[6:10]
        data = data[10 + (a << 21 | b << 14 | c << 7 | d) + (10 if data[5] & 0x10 else 0) :]
    data = data[:-128] if data[-128:].startswith(b"TAG") else data
    if not data:
        raise ValueError("nothing but tags")
    return data


_RULES: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "audio/wav": _wav,
    "audio/mpeg": _mp3,
    "audio/mp4": _mp4,
    "video/mp4": _mp4,
}
