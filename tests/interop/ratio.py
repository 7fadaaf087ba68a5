"""How long `descale clean` takes for a Parquet file, beside what pyarrow takes to read and write it: processor time, one thread, in turn.

    python tests/interop/ratio.py articles.parquet [--field text] [--runs 5]

The file is best one of real texts of some hundred megabytes. `DESCALE` names the program.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

import pyarrow.parquet as parquet

DESCALE = os.environ.get("DESCALE", "target/release/descale")

REWRITE = """
import pyarrow, pyarrow.parquet as parquet, sys
pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)
source, target, codec, rows = sys.argv[1:]
table = parquet.read_table(source, use_threads=False)
parquet.write_table(table, target, compression=codec, row_group_size=int(rows))
"""


def seconds(command):
    """The processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--field", default="text")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    group = parquet.read_metadata(args.file).row_group(0)
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "out.parquet")
        rewrite = [sys.executable, "-c", REWRITE, args.file, target, group.column(0).compression.lower(), str(group.num_rows)]
        commands = {
            "start of Python": [sys.executable, "-c", "import pyarrow.parquet"],
            "pyarrow, read and written": rewrite,
            "descale, all rules": [DESCALE, "clean", "-q", "-j1", "--field", args.field, args.file, "-o", target],
            "descale, all rules, --detect-lang": [DESCALE, "clean", "-q", "-j1", "--detect-lang", "--field", args.field, args.file, "-o", target],
            "descale, one rule": [DESCALE, "clean", "-q", "-j1", "--no-builtin", "--pattern", "Story continues below advertisement",
                                  "--fragments", "off", "--field", args.field, args.file, "-o", target],
        }
        times = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(each) for name, each in times.items()}
    rival = medians["pyarrow, read and written"] - medians["start of Python"]
    for name, median in medians.items():
        print(f"{name:34} {median:8.3f} s   {rival / median:6.2f} of pyarrow's speed")


if __name__ == "__main__":
    main()
