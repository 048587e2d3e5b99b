"""What a file is by its bytes; what is left of it when its maker's notes are gone."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from kit import file_types, images
from kit.file_types import file_type
from kit.images import NotAPicture, clean
from kit.metadata import stripped

CANARY = b"Rua das Acacias 99"
GPS = {1: "S", 2: (19.0, 55.0, 15.0), 3: "W", 4: (43.0, 56.0, 16.0)}


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x010E] = CANARY.decode()
    found[0x0112] = orientation
    found.get_ifd(0x8825).update(GPS)
    return found


def picture(kind: str, *, orientation: int = 1, size: tuple[int, int] = (40, 20), **how: Any) -> bytes:
    """A picture with a place, a comment and a thumbnail in it; red on the left, blue on the right."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    kept = io.BytesIO()
    if kind == "PNG":
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", CANARY.decode())
        told.add_itxt("XML:com.adobe.xmp", CANARY.decode(), zip=False)
        how["pnginfo"] = told
    if kind in ("JPEG", "GIF"):
        how["comment"] = CANARY
    if kind != "GIF":
        how["exif"] = exif(orientation)
    if kind == "WEBP":
        how["xmp"] = CANARY
    drawn.save(kept, kind, **how)
    return kept.getvalue()


def plain_picture(kind: str) -> bytes:
    """A picture that tells nothing."""
    kept = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(kept, kind)
    return kept.getvalue()


def pixels(data: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(data)) as shown:
        return shown.size, shown.convert("RGB").tobytes()


TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


@pytest.mark.parametrize("kind", TYPES)
def test_a_picture_keeps_every_pixel_and_tells_nothing(kind: str) -> None:
    whole = picture(kind)
    assert CANARY in whole and file_type(whole) == file_types.FileType("image", TYPES[kind])  # type: ignore[arg-type]
    kept = clean(whole + b"<script>" + CANARY, TYPES[kind])  # what follows the end goes too
    assert CANARY not in kept and b"Exif" not in kept and b"eXIf" not in kept and b"script" not in kept
    assert pixels(kept) == pixels(whole)
    with Image.open(io.BytesIO(kept)) as shown:
        assert not shown.getexif() and "comment" not in shown.info and "xmp" not in shown.info


@pytest.mark.parametrize("how", [{"progressive": True}, {"subsampling": 0, "quality": 95}, {"restart_marker_rows": 1}])
def test_every_way_a_jpeg_is_coded_comes_through(how: dict[str, Any]) -> None:
    whole = picture("JPEG", size=(400, 300), **how)
    kept = clean(whole, "image/jpeg")
    assert CANARY not in kept and pixels(kept) == pixels(whole)


def test_colours_stay_right() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        with Image.open(io.BytesIO(clean(picture(kind, icc_profile=profile), TYPES[kind]))) as shown:
            assert shown.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_lies_on_its_side_is_put_upright(kind: str) -> None:
    kept = clean(picture(kind, orientation=6), TYPES[kind])  # 6: to be turned clockwise
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (20, 40) and not shown.getexif() and CANARY not in kept
        above, below = shown.convert("RGB").getpixel((10, 5)), shown.convert("RGB").getpixel((10, 35))
    assert isinstance(above, tuple) and above[0] > 200 and above[2] < 60
    assert isinstance(below, tuple) and below[2] > 200 and below[0] < 60


def test_moving_pictures_still_move() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP"):
        kept = io.BytesIO()
        frames[0].save(kept, kind, save_all=True, append_images=frames[1:], duration=50, loop=0)
        with Image.open(io.BytesIO(clean(kept.getvalue(), TYPES[kind]))) as shown:
            assert shown.n_frames == 3  # type: ignore[attr-defined]


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    whole = picture("PNG")
    import zlib

    header = struct.pack(">II", width, height) + whole[24:29]
    return whole[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + whole[33:]


@pytest.mark.parametrize(
    "data",
    [
        flood(60_000, 60_000),
        flood(9_000, 9_000),
        picture("PNG")[:60],
        picture("JPEG")[:200],
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        b"\xff\xd8\xff\xe0" + b"x" * 50,
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    ],
)
def test_floods_and_broken_pictures_are_refused(data: bytes) -> None:
    found = file_type(data)
    assert found is not None
    with pytest.raises(NotAPicture):
        clean(data, found.media_type)


def test_one_picture_cannot_pass_for_another() -> None:
    with pytest.raises(NotAPicture):
        clean(picture("PNG"), "image/jpeg")


def packed(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name.replace("__", "/"), body)
    return kept.getvalue()


DOCX: dict[str, bytes] = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
M4A = b"\x00\x00\x00\x18ftypM4A \0\0\0\0M4A isom"


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (b"OggS" + b"x" * 24 + b"OpusHead", "audio", "audio/ogg"),
        (b"ID3\x03" + b"x" * 50, "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + b"x" * 50, "audio", "audio/aac"),
        (b"#!AMR\n" + b"x" * 50, "audio", "audio/amr"),
        (M4A + b"hdlr\0\0\0\0\0\0\0\0soun", "audio", "audio/mp4"),
        (M4A + b"hdlr\0\0\0\0\0\0\0\0vide", "video", "video/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81webmV_VP9", "video", "video/webm"),
        (b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n", "document", "application/pdf"),
        (packed(**DOCX), "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("Bom dia, segue a guia nº 12".encode(), "document", "text/plain"),
    ],
)
def test_files_are_known_by_their_bytes(data: bytes, kind: str, media_type: str) -> None:
    assert file_type(data) == file_types.FileType(kind, media_type)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\x00" + b"x" * 50,
        b"\x7fELF" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf  <!doctype html><script>alert(1)</script>",
        b"%PDF-1.7 never ends",
        b"%PDF-1.7\n%%EOF\n" + packed(**DOCX),
        b"<html>%PDF-1.7\n%%EOF",  # a page that is a PDF to a forgiving reader
        b"%PDF-1.7\n%%EOF" + packed(**DOCX) + b"x" * 2048,  # a PDF that is an archive to another
        packed(**{"a.txt": b"x"}),
        packed(**DOCX, **{"word/vbaProject.bin": b"x"}),
        packed(**DOCX, **{"word/media/bomb.bin": b"\0" * (140 * 2**20)}),
        packed(**DOCX, **{f"word/{n}": b"" for n in range(2_001)}),
        packed(**DOCX)[:-30],
        b"\x00\x00\x00\x18ftypheic\0\0\0\0mif1heic",
    ],
    ids=range(15),
)
def test_everything_else_is_refused(data: bytes) -> None:
    assert file_type(data) is None


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def test_a_film_forgets_where_it_was_taken_and_keeps_its_size() -> None:
    place = box(b"udta", box(b"\xa9xyz", CANARY))
    whole = (
        M4A + box(b"moov", box(b"mvhd", b"1234") + place + box(b"trak", box(b"tkhd", b"5678") + place)) + box(b"mdat", b"sound")
    )
    kept = stripped(whole, "video/mp4")
    assert CANARY not in kept and len(kept) == len(whole)
    assert b"tkhd5678" in kept and kept.endswith(b"mdatsound")
    with pytest.raises(ValueError):
        stripped(whole[:-3], "video/mp4")


def test_sound_forgets_its_tags() -> None:
    music = b"\xff\xfb\x90\x44" + b"s" * 200
    tags = b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(CANARY)]) + CANARY
    assert stripped(tags + music + b"TAG" + CANARY.ljust(125, b"\0"), "audio/mpeg") == music
    spoken = (
        b"fmt "
        + struct.pack("<I", 4)
        + b"abcd"
        + b"LIST"
        + struct.pack("<I", 18)
        + CANARY
        + b"data"
        + struct.pack("<I", 2)
        + b"xy"
    )
    kept = stripped(b"RIFF" + struct.pack("<I", len(spoken) + 4) + b"WAVE" + spoken, "audio/wav")
    assert CANARY not in kept and b"fmt " in kept and kept.endswith(b"xy")


@given(st.sampled_from(sorted(TYPES)), st.data())
def test_no_damage_breaks_more_than_the_file(kind: str, draw: st.DataObject) -> None:
    whole = bytearray(picture(kind))
    for place in draw.draw(st.lists(st.integers(12, len(whole) - 1), min_size=1, max_size=8)):
        whole[place] = draw.draw(st.integers(0, 255))
    try:
        kept = clean(bytes(whole), TYPES[kind])
    except NotAPicture:
        return
    with Image.open(io.BytesIO(kept)) as shown:
        assert not shown.getexif()


@pytest.mark.parametrize(
    ("given_name", "kept"), [("../../a/b é.png", "b é.png"), ("C:\\x\\y.pdf", "y.pdf"), ("a\x00\nb", "ab")]
)
def test_a_name_is_no_path(given_name: str, kept: str) -> None:
    assert file_types.file_name(given_name) == kept


def test_frames_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "FRAMES", 2)
    frames = [Image.new("RGB", (4, 4), (60 * n, 0, 0)) for n in range(4)]
    kept = io.BytesIO()
    frames[0].save(kept, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(NotAPicture):
        clean(kept.getvalue(), "image/gif")
