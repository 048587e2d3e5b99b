"""Reading files: what they are, what they say, and why some are refused."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfWriter

from knowledge.extract import MAX_BYTES, PDF, Unreadable, decode, extract


def pdf(*pages: list[str]) -> bytes:
    """A PDF of one column of Helvetica, made by hand: each page is a list of lines."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    kids = []
    for lines in pages:
        shown = b"".join(
            b"(" + line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*\n" for line in lines
        )
        stream = b"BT /F1 11 Tf 14 TL 50 780 Td\n" + shown + b"ET"
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>" % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out, places = BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(
        b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    )
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def refused(name: str, data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        extract(name, data)
    assert re.fullmatch(r".{20,}\.", str(caught.value))
    return caught.value.code


def test_a_printed_page_becomes_paragraphs_under_its_titles() -> None:
    found = extract(
        "preparo.PDF",
        pdf(
            ["Clínica Exemplo", "Preparo para exames", "O jejum para a ultrassonografia do abdome é de oito horas, e a água",
             "pode ser tomada à vontade. Remédios de uso contínuo não devem ser sus-", "pensos.", "Documentos",
             "• Pedido médico", "• Carteirinha do convênio", "Página 1"],
            ["Clínica Exemplo", "Resultados ficam prontos em três dias úteis, contados da data em que o",
             "exame foi feito.", "Página 2"],
            ["Clínica Exemplo", "Fim.", "Página 3"],
        ),
    )  # fmt: skip
    assert found.media_type == PDF
    assert "## Preparo para exames" in found.text
    assert "a água pode ser tomada à vontade." in found.text
    assert "suspensos." in found.text
    assert "## Documentos\n\n- Pedido médico\n- Carteirinha do convênio" in found.text
    assert not re.search("Página|Clínica Exemplo", found.text)


def test_a_locked_pdf_is_refused_and_one_locked_only_against_printing_is_read() -> None:
    for password, code in (("segredo", "document_encrypted"), ("", "")):
        writer = PdfWriter(clone_from=BytesIO(pdf(["Atendemos aos sábados."])))
        writer.encrypt(user_password=password, owner_password="dono", algorithm="RC4-128")
        locked = BytesIO()
        writer.write(locked)
        if code:
            assert refused("a.pdf", locked.getvalue()) == code
        else:
            assert "sábados" in extract("a.pdf", locked.getvalue()).text


def test_pdfs_without_text_or_without_sense_are_refused() -> None:
    whole = pdf(["Texto."])
    assert refused("scan.pdf", pdf([])) == "document_image_only"
    assert refused("a.pdf", b"%PDF-1.7\nlixo") == "document_broken"
    assert refused("a.pdf", whole[:60]) == "document_broken"
    assert refused("a.pdf", pdf(*[["x"]] * 301)) == "document_too_long"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.md", b"", "document_empty"),
        ("a.md", b" \n\t ", "document_empty"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "document_too_large"),
        ("a.txt", b"palavra " * 100_000, "document_too_long"),
        ("a.docx", b"PK\x03\x04...", "document_mismatch"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document_unsupported"),
        ("foto.png", b"\x89PNG\r\n", "document_unsupported"),
        ("sem-extensao", b"texto", "document_unsupported"),
        ("a.pdf", b"isto e texto", "document_mismatch"),
        ("a.txt", b"\x00\x01\x02binario", "document_mismatch"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, data: bytes, code: str) -> None:
    assert refused(name, data) == code


def test_content_decides_what_a_file_is() -> None:
    assert extract("mal-nomeado.txt", pdf(["Somos um PDF."])).media_type == PDF
    assert extract("nota", b"Texto.", "text/plain").text == "Texto."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_text_of_any_age_is_read(encoding: str) -> None:
    assert decode("Orientação às gestantes\r\né aqui".encode(encoding)) == "Orientação às gestantes\né aqui"


def test_the_title_comes_from_the_front_matter_or_the_first_heading() -> None:
    assert extract("a.md", "---\ntitle: Convênios aceitos\n---\n# Outro\n\nTexto".encode()).title == "Convênios aceitos"
    found = extract("a.md", b"# Estacionamento #\n\nTexto")
    assert (found.title, found.text) == ("Estacionamento", "# Estacionamento #\n\nTexto")


def test_titles_in_plain_text_become_headings() -> None:
    text = extract("a.txt", "FORMAS DE PAGAMENTO\n\nPix e cartão.\n\n2. Parcelas\n\nAté três.\n\nVale só aqui".encode()).text
    assert text == "## Formas de pagamento\n\nPix e cartão.\n\n## 2. Parcelas\n\nAté três.\n\nVale só aqui"


def test_a_short_line_at_the_top_of_plain_text_is_its_title() -> None:
    found = extract("r.txt", b"Resultados de exames\n\nFicam prontos em 5 dias.\n\nRetirada\n\nCom documento.")
    assert (found.title, found.text.split("\n")[0]) == ("Resultados de exames", "## Resultados de exames")
    assert "\n\nRetirada\n\n" in found.text
    assert extract("a.txt", "Só uma linha".encode()).text == "Só uma linha"
