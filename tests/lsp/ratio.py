"""What a change of a large document costs the language server, as a ratio to looking at the whole text once.

    cargo build --release && python tests/lsp/ratio.py [BINARY]

CPU time of the server, changes and whole looks taking turns in one run; nothing here is a timed test. Needs Linux and nothing but Python.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

BINARY = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).resolve().parents[2] / "target/release/descale")
ROUNDS = 30
PARAGRAPH = (
    "The harbour board met on the evening of the third, and nobody had slept. The chairwoman, Mrs. Lindqvistberg, read the "
    "letter aloud; it asked for a lamp, a ladder and “a man who is awake at four”. Two of the pilots laughed.\n\n"
)
MARKER = "Story continues below advertisement\n\n"


def document(size):
    parts, length, number = [], 0, 0
    while length < size:
        number += 1
        part = f"{number}. {PARAGRAPH}" + (MARKER if number % 40 == 0 else "")
        parts.append(part)
        length += len(part.encode())
    return "".join(parts)


class Server:
    def __init__(self):
        self.process = subprocess.Popen([BINARY, "lsp", "--lang", "en"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send({"id": 0, "method": "initialize", "params": {"capabilities": {}}})
        self.read()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def cpu(self):
        """Nanoseconds that all threads have run."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks)

    def cost(self, method, params):
        """What it costs until the diagnostics are out, and how many there are."""
        before = self.cpu()
        self.send({"method": method, "params": params})
        answer = self.read()
        return self.cpu() - before, len(answer["params"]["diagnostics"])


def main():
    for language, name in (("plaintext", "a.txt"), ("markdown", "a.md")):
        server, text = Server(), document(1 << 20)
        uri, version, wholes, changes, counts = f"file:///{name}", 0, [], [], set()
        item = {"uri": uri, "languageId": language, "version": 0, "text": text}
        server.cost("textDocument/didOpen", {"textDocument": item})
        for turn in range(ROUNDS):
            version += 1
            here = {"uri": uri, "version": version}
            cost, count = server.cost("textDocument/didChange", {"textDocument": here, "contentChanges": [{"text": text}]})
            wholes.append(cost)
            counts.add(count)
            version += 1
            here = {"uri": uri, "version": version}
            place = {"line": 2 * turn * 50, "character": 5}
            change = {"range": {"start": place, "end": place}, "text": "x"}
            cost, count = server.cost("textDocument/didChange", {"textDocument": here, "contentChanges": [change]})
            changes.append(cost)
            counts.add(count)
        whole, change = statistics.median(wholes), statistics.median(changes)
        print(
            f"{language}: {len(text.encode()):,} bytes, {sorted(counts)} findings; a keystroke costs {change / whole:.2f} of "
            f"taking in and looking at the whole text (medians of {ROUNDS}: {change / 1e6:.1f} and {whole / 1e6:.1f} ms of CPU)"
        )
        server.process.kill()


main()
