"""Archives of the web as Common Crawl writes them come back to warcio with lengths and digests that are right, and all else byte for byte."""

import base64
import gzip
import hashlib
import io
import subprocess

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from articles import DESCALE, MARKER


def page(number):
    """The text of a page, and what it is when it is cleaned. Every third has nothing to clean."""
    before = f"The board met for the {number}th time and heard what the new pier would cost.\n"
    behind = "“We had hoped for less”, said Lena Ødegård – and left.\n"
    return (before + (f"{MARKER}\n" if number % 3 else "") + behind, before + behind)


def digest(text):
    return "sha1:" + base64.b32encode(hashlib.sha1(text).digest()).decode()


def record(kind, headers, block):
    """A record as Common Crawl writes it, field by field."""
    fields = {"WARC-Type": kind, **headers, "Content-Length": len(block)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def conversion(number, text):
    text = text.encode()
    return record(
        "conversion",
        {
            "WARC-Target-URI": f"https://www.example.com/{number}",
            "WARC-Date": "2026-01-02T03:04:05Z",
            "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
            "WARC-Refers-To": f"<urn:uuid:00000000-0000-4000-9000-{number:012}>",
            "WARC-Block-Digest": digest(text),
            "WARC-Identified-Content-Language": "eng",
            "Content-Type": "text/plain",
        },
        text,
    )


INFO = record(
    "warcinfo",
    {
        "WARC-Date": "2026-01-02T03:04:05Z",
        "WARC-Filename": "CC-MAIN-00000.warc.wet.gz",
        "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-a000-000000000000>",
        "Content-Type": "application/warc-fields",
    },
    f"Software-Info: by hand\r\nDescription: {MARKER}\r\n".encode(),
)


def archive(which, count=2000):
    """The records of an archive: as they are (0), or as they are when they are cleaned (1)."""
    return [INFO] + [conversion(number, page(number)[which]) for number in range(count)]


def packed(records):
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def run(*arguments, **options):
    return subprocess.run([DESCALE, *arguments], capture_output=True, **options)


def check(file):
    """Reads an archive through and has every digest checked."""
    found = []
    for read in ArchiveIterator(file, check_digests="raise"):
        text = read.content_stream().read()
        assert len(text) == int(read.rec_headers.get_header("Content-Length"))
        found.append(text)
    return found


def test_plain(tmp_path):
    source, target = tmp_path / "in.warc.wet", tmp_path / "out.warc.wet"
    source.write_bytes(b"".join(archive(0)))
    done = run("clean", "-q", source, "-o", target)
    assert (done.returncode, done.stderr) == (0, b"")
    assert target.read_bytes() == b"".join(archive(1))
    assert len(check(target.open("rb"))) == 2001


@pytest.mark.parametrize("name", ["in.warc.wet.gz", "in"])
@pytest.mark.parametrize("jobs", ["1", "8"])
def test_packed_record_by_record(tmp_path, name, jobs):
    source, target = tmp_path / name, tmp_path / "out.warc.wet.gz"
    before, after = archive(0), archive(1)
    members = [gzip.compress(record, mtime=0) for record in before]
    source.write_bytes(b"".join(members))
    done = run("clean", "-q", "-j", jobs, source, "-o", target)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [b"WARC" not in text for text in check(target.open("rb"))] == [True] * 2001

    # A member for each record: those that were not changed are the same bytes, and each can be jumped to.
    file, offsets = target.read_bytes(), []
    with target.open("rb") as stream:
        records = ArchiveIterator(stream)
        for _ in records:
            records.read_to_end()
            offsets.append(records.get_record_offset())
    for number, (was, now) in enumerate(zip(before, after)):
        start = offsets[number]
        assert gzip.open(io.BytesIO(file[start:])).read(len(now)) == now
        if was == now:
            assert file[start:].startswith(members[number])


def test_a_second_run_and_undo(tmp_path):
    source, target = tmp_path / "in.warc.wet.gz", tmp_path / "out.warc.wet.gz"
    source.write_bytes(packed(archive(0)))
    assert run("clean", "-q", source, "-o", target, "--ledger", tmp_path / "ledger.jsonl").returncode == 0
    assert run("clean", "-q", target, "-o", tmp_path / "again.warc.wet.gz").returncode == 0
    assert (tmp_path / "again.warc.wet.gz").read_bytes() == target.read_bytes()
    done = run("undo", "-q", target, "--ledger", tmp_path / "ledger.jsonl", "-o", tmp_path / "back.warc.wet.gz")
    assert done.returncode == 0, done.stderr
    assert gzip.decompress((tmp_path / "back.warc.wet.gz").read_bytes()) == b"".join(archive(0))


def test_written_by_warcio(tmp_path):
    source, target = tmp_path / "in.warc.gz", tmp_path / "out.warc.gz"
    with source.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(50):
            text = page(number)[0].encode()
            url = f"https://www.example.com/{number}"
            writer.write_record(writer.create_warc_record(url, "conversion", payload=io.BytesIO(text), warc_content_type="text/plain"))
            writer.write_record(writer.create_warc_record(url, "resource", payload=io.BytesIO(text), warc_content_type="text/html"))
    assert run("clean", "-q", source, "-o", target).returncode == 0
    texts = check(target.open("rb"))
    assert [text.decode() for text in texts[::2]] == [page(number)[1] for number in range(50)]
    assert [text.decode() for text in texts[1::2]] == [page(number)[0] for number in range(50)]


def test_sites_and_languages(tmp_path):
    source, target = tmp_path / "in.wet", tmp_path / "out.wet"
    english, german = conversion(1, page(1)[0]), conversion(2, page(2)[0]).replace(b"Language: eng", b"Language: deu")
    source.write_bytes(INFO + english + german)
    arguments = ["clean", "-q", source, "-o", target, "--lang-field", "WARC-Identified-Content-Language", "--detect-lang"]
    assert run(*arguments).returncode == 0
    assert target.read_bytes() == INFO + conversion(1, page(1)[1]) + german


def test_damage_is_named_and_passed_through(tmp_path):
    source, target = tmp_path / "in.wet", tmp_path / "out.wet"
    first, second, third = (conversion(number, page(number)[0]) for number in (1, 2, 4))
    damaged = second.replace(b"Content-Length: ", b"Content-Length: 9")
    source.write_bytes(first + damaged + third)
    done = run("clean", "-q", source, "-o", target, "--errors", tmp_path / "errors.jsonl")
    assert done.returncode == 2
    assert target.read_bytes() == conversion(1, page(1)[1]) + damaged + conversion(4, page(4)[1])
    assert f'"byte_offset":{len(first) + len(damaged)}' in (tmp_path / "errors.jsonl").read_text()

    # The last record is cut off.
    source.write_bytes(first + second[:-100])
    done = run("clean", "-q", source, "-o", target)
    assert done.returncode == 2 and b"Content-Length claims" in done.stderr
    assert target.read_bytes() == conversion(1, page(1)[1]) + second[:-100]

    # The last member is cut off: what was read is no archive any more, and the original stays.
    source = tmp_path / "in.wet.gz"
    source.write_bytes(packed([first, second])[:-10])
    whole = source.read_bytes()
    done = run("clean", "-q", "-w", source)
    assert done.returncode == 2 and b"cut off" in done.stderr
    assert source.read_bytes() == whole
