"""Pictures that are safe to keep and to show: really decodable, of a size one can open, upright, and told by nobody."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from kit.metadata import stripped

PIXELS = 50_000_000  # a phone's largest photo; more is a flood
FRAMES = 300
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
_ORIENTATION = 0x0112


class NotAPicture(ValueError):
    """These bytes do not decode as the picture they pretend to be, or it is too large to open."""


def clean(data: bytes, media_type: str) -> bytes:
    """The picture without metadata and upright. Only a picture that lies on its side is encoded again.

    Costs its decoding: run it beside the event loop. Raises NotAPicture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[media_type]]) as picture:
            # Opening reads the head alone: a flood is refused before a pixel is drawn.
            if picture.width * picture.height > PIXELS or getattr(picture, "n_frames", 1) > FRAMES:
                raise NotAPicture("a flood")
            turned = picture.getexif().get(_ORIENTATION, 1) not in (0, 1)
            picture.load()
            return stripped(_upright(picture, media_type) if turned else data, media_type)
    except NotAPicture:
        raise
    except Exception as error:  # decoders fail in as many ways as files can be broken
        raise NotAPicture(type(error).__name__) from error


def _upright(picture: Image.Image, media_type: str) -> bytes:
    colours = picture.info.get("icc_profile")
    kept = io.BytesIO()
    upright = ImageOps.exif_transpose(picture)
    how: dict[str, object] = {"quality": 92} if media_type in ("image/jpeg", "image/webp") else {}
    upright.save(kept, format=_FORMATS[media_type], icc_profile=colours, exif=b"", **how)
    return kept.getvalue()
