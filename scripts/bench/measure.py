"""Runs the measurements of scripts/bench/run and prints them; see there for the arguments."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

BENCH = Path(os.environ["BENCH"])
URL = os.environ["BENCH_DATABASE_URL"]
EVENT = Path(__file__).with_name("event.json")
CONTENDERS = ["pooltable", "floor", "python"]
KINDS = ["unchanged", "changed", "new"]
TLS = f"?sslmode=verify-full&sslrootcert={BENCH}/ca.pem"
PLAIN = "?sslmode=disable"


def sql(statement):
    command = ["psql", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", URL, "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().split("\t")


def runtime(*arguments, programs=CONTENDERS, query=PLAIN):
    """Figures by contender, as scripts/bench/runtime.c prints them."""
    command = [str(BENCH / "runtime"), *map(str, arguments), str(EVENT)]
    command += [str(BENCH / program) for program in programs]
    environment = {"DATABASE_URL": URL + query, "PATH": os.environ["PATH"], "LOG_LEVEL": "INFO",
                   "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_REGION": "eu-central-1"}
    with open(BENCH / "log", "ab") as log:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    figures = {}
    for line in done.stdout.splitlines():
        path, *values = line.split("\t")
        figures[Path(path).name] = [float(value) for value in values]
    return figures


def medians(rounds):
    """The median of each figure over several runs of all contenders."""
    return {
        name: [statistics.median(values) for values in zip(*(one[name] for one in rounds))] for name in rounds[0]
    }


def cold(options, query):
    names = ["next_ms", "answer_ms", "cpu_ms"]
    figures = runtime("cold", options.cold, query=query)
    return {name: dict(zip(names, values)) for name, values in figures.items()}


def warm(options, kind, query):
    names = ["p50_us", "p99_us", "max_us", "cpu_us", "peak_kb", "events_per_s"]
    rounds = [runtime("warm", kind, options.events, query=query) for _ in range(options.rounds)]
    return {name: dict(zip(names, values)) for name, values in medians(rounds).items()}


def cost(options, program):
    """What PostgreSQL writes for an unchanged user, per event."""
    state = """SELECT pg_current_wal_insert_lsn() - '0/0', (SELECT wal_sync FROM pg_stat_wal),
      (SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'users')"""
    runtime("warm", "unchanged", 50, programs=[program])
    time.sleep(1.5)
    before = [float(value) for value in sql(state)]
    # The measuring program warms up with events that count as well.
    count = options.events + 200
    runtime("warm", "unchanged", options.events, programs=[program])
    time.sleep(1.5)
    after = [float(value) for value in sql(state)]
    wal, syncs, dead = ((new - old) / count for new, old in zip(after, before))
    return {"wal_bytes": wal, "fsyncs": syncs, "dead_rows": dead}


def growth(options):
    """Warm p50 of an unchanged user with so many users in the table."""
    result, present = {}, 0
    for target in [0, 1_000, 100_000] + ([] if options.quick else [1_000_000, 10_000_000]):
        sql(f"""INSERT INTO cognito.users (user_pool_id, sub, username, email, status, attributes, observed_at)
          SELECT 'eu-central-1_ExaMPLe01', gen_random_uuid(), 'user' || n, 'user' || n || '@example.net',
            'CONFIRMED', '{{"name": "Ada Berg"}}', now() FROM generate_series({present + 1}, {target}) AS n""")
        sql("VACUUM ANALYZE cognito.users")
        present = max(present, target)
        rounds = [runtime("warm", "unchanged", options.events) for _ in range(options.rounds)]
        result[target] = {name: values[0] for name, values in medians(rounds).items()}
        print(f"  {target:>10,} users", file=sys.stderr)
    return result


def crowd(options):
    """Warm p50 and events per second of all, with so many processes of one contender at once."""
    result = {}
    for count in [1, 8, 32]:
        result[count] = {}
        for program in CONTENDERS:
            command = [str(BENCH / "runtime"), "warm", "unchanged", str(options.events // 2), str(EVENT),
                       str(BENCH / program)]
            environment = {"DATABASE_URL": URL + PLAIN, "PATH": os.environ["PATH"], "AWS_REGION": "eu-central-1"}
            running = [
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
                for _ in range(count)
            ]
            lines = [process.communicate()[0].split("\t") for process in running]
            if any(process.returncode for process in running):
                sys.exit(f"{program} failed with {count} processes")
            result[count][program] = {
                "p50_us": statistics.median(float(line[1]) for line in lines),
                "events_per_s": sum(float(line[6]) for line in lines),
            }
    return result


def throttled(options):
    """Cold starts with 7 % of a core, as a 128 MB function has after its start-up; None without cgroups."""
    group = Path("/sys/fs/cgroup/cpu/pooltable-bench")
    unified = Path("/sys/fs/cgroup/pooltable-bench")
    try:
        if group.parent.is_dir():
            group.mkdir(exist_ok=True)
            (group / "cpu.cfs_period_us").write_text("100000")
            (group / "cpu.cfs_quota_us").write_text("7000")
        else:
            group = unified
            group.mkdir(exist_ok=True)
            (group / "cpu.max").write_text("7000 100000")
    except OSError:
        return None
    wrapped = []
    for program in CONTENDERS:
        wrapper = BENCH / f"{program}-throttled"
        wrapper.write_text(f"#!/bin/sh\necho $$ >{group}/cgroup.procs\nexec {BENCH / program}\n")
        wrapper.chmod(0o755)
        wrapped.append(wrapper.name)
    figures = runtime("cold", 5, programs=wrapped)
    warm_figures = runtime("warm", "unchanged", 200, programs=wrapped[:2])
    time.sleep(0.2)
    group.rmdir()
    return {
        program: {"answer_ms": figures[f"{program}-throttled"][1],
                  "p50_us": warm_figures.get(f"{program}-throttled", [None])[0]}
        for program in CONTENDERS
    }


def size(program):
    if program == "pooltable":
        return (BENCH.parent / "package" / "bootstrap.zip").stat().st_size
    if program == "floor":
        return (BENCH / "floor").stat().st_size
    packages = next((BENCH / "venv" / "lib").glob("python3*/site-packages"))
    return sum(file.stat().st_size for file in packages.glob("psycopg*/**/*") if file.is_file()) + sum(
        file.stat().st_size for file in packages.glob("psycopg*.libs/*"))


def table(title, rows):
    """Absolute figures, and in brackets the ratio to the C floor."""
    print(f"\n{title}")
    print(f"{'':<38}" + "".join(f"{name:>22}" for name in CONTENDERS))
    for label, unit, values in rows:
        cells = []
        for name in CONTENDERS:
            value, base = values.get(name), values.get("floor")
            ratio = f" ({value / base:.2f})" if value is not None and base else ""
            cells.append("–" if value is None else f"{value:,.{1 if value < 1000 else 0}f}{ratio}")
        print(f"{label + ', ' + unit:<38}" + "".join(f"{cell:>22}" for cell in cells))


def column(figures, key):
    return {name: values[key] for name, values in figures.items()}


def report(results):
    for mode in ["plain", "tls"]:
        table(f"Cold start, {mode}", [
            ("exec to first next", "ms", column(results["cold"][mode], "next_ms")),
            ("exec to first answer", "ms", column(results["cold"][mode], "answer_ms")),
            ("CPU time", "ms", column(results["cold"][mode], "cpu_ms")),
        ])
    for key, figures in results["warm"].items():
        table(f"Warm, {key}", [
            ("p50", "µs", column(figures, "p50_us")), ("p99", "µs", column(figures, "p99_us")),
            ("maximum", "µs", column(figures, "max_us")), ("CPU per event", "µs", column(figures, "cpu_us")),
            ("events per second", "1/s", column(figures, "events_per_s")),
            ("peak resident memory", "kB", column(figures, "peak_kb")),
        ])
    table("PostgreSQL, per event of an unchanged user", [
        ("WAL", "bytes", column(results["cost"], "wal_bytes")), ("fsyncs", "calls", column(results["cost"], "fsyncs")),
        ("dead rows", "rows", column(results["cost"], "dead_rows")),
    ])
    table("Deployable", [("size", "bytes", results["size"])])
    table("Warm p50 by users in the table", [
        (f"{count:,} users", "µs", figures) for count, figures in results["growth"].items()])
    table("Processes at once", [
        row for count, figures in results["crowd"].items() for row in [
            (f"{count}: p50", "µs", column(figures, "p50_us")),
            (f"{count}: events per second", "1/s", column(figures, "events_per_s"))]])
    if results["throttled"]:
        table("With 7 % of a core", [
            ("exec to first answer", "ms", column(results["throttled"], "answer_ms")),
            ("warm p50", "µs", column(results["throttled"], "p50_us"))])


def targets(results):
    """The targets, each a ratio within this run."""
    unchanged, start = results["warm"]["unchanged user, plain"], results["cold"]["plain"]

    def ratio(figures, key, other):
        return figures["pooltable"][key] / figures[other][key]

    growth_counts = list(results["growth"])
    rows = [
        ("warm p50, unchanged, to the floor", ratio(unchanged, "p50_us", "floor"), 1.25),
        ("warm p50, unchanged, to Python", ratio(unchanged, "p50_us", "python"), 0.45),
        ("exec to first answer, to the floor", ratio(start, "answer_ms", "floor"), 1.25),
        ("exec to first answer, to Python", ratio(start, "answer_ms", "python"), 0.08),
        ("CPU per event, to the floor", ratio(unchanged, "cpu_us", "floor"), 1.5),
        ("peak resident memory, MB", unchanged["pooltable"]["peak_kb"] / 1000, 12),
        ("WAL per unchanged event, bytes", results["cost"]["pooltable"]["wal_bytes"], 0),
        (f"warm p50 at {growth_counts[-1]:,} users, to 1,000",
         results["growth"][growth_counts[-1]]["pooltable"] / results["growth"][1_000]["pooltable"], 1.3),
    ]
    print("\nTargets")
    for label, value, limit in rows:
        print(f"{label:<44}{value:>8.2f}   at most {limit:<6} {'met' if value <= limit else 'MISSED'}")
    return [{"target": label, "value": value, "limit": limit, "met": value <= limit} for label, value, limit in rows]


def chart(results, path):
    """Bars of what a user waits for, each group relative to Python's."""
    groups = [
        ("cold start", column(results["cold"]["plain"], "answer_ms"), "ms"),
        ("unchanged user", column(results["warm"]["unchanged user, plain"], "p50_us"), "µs"),
        ("CPU per event", column(results["warm"]["unchanged user, plain"], "cpu_us"), "µs"),
        ("memory", {k: v / 1000 for k, v in column(results["warm"]["unchanged user, plain"], "peak_kb").items()}, "MB"),
    ]
    colours = {"pooltable": "#2f6fde", "floor": "#9aa4b2", "python": "#e0a030"}
    out, y = [], 40
    for label, values, unit in groups:
        largest = max(values.values())
        out.append(f'<text x="10" y="{y + 30}" font-weight="bold">{label}</text>')
        for name in CONTENDERS:
            width = 420 * values[name] / largest
            out.append(f'<rect x="150" y="{y}" width="{width:.1f}" height="16" fill="{colours[name]}"/>')
            out.append(f'<text x="{156 + width:.1f}" y="{y + 13}">{name} {values[name]:.1f} {unit}</text>')
            y += 20
        y += 16
    body = "\n".join(out)
    Path(path).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{y}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="760" height="{y}" fill="white"/>\n<text x="10" y="22">{results["machine"]}, {results["date"]}: '
        f"less is better</text>\n{body}\n</svg>\n")


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores, {model or platform.machine()}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench/run")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--svg")
    options = parser.parse_args()
    options.events, options.rounds, options.cold = (1000, 1, 10) if options.quick else (5000, 3, 40)

    results = {"machine": machine(), "date": datetime.date.today().isoformat()}
    results["cold"] = {"plain": cold(options, PLAIN), "tls": cold(options, TLS)}
    print("  cold starts", file=sys.stderr)
    results["warm"] = {f"{kind} user, plain": warm(options, kind, PLAIN) for kind in KINDS}
    results["warm"]["unchanged user, TLS"] = warm(options, "unchanged", TLS)
    print("  warm answers", file=sys.stderr)
    results["cost"] = {program: cost(options, program) for program in CONTENDERS}
    results["size"] = {program: size(program) for program in CONTENDERS}
    results["crowd"] = crowd(options)
    results["throttled"] = throttled(options)
    sql("TRUNCATE cognito.users CASCADE")
    results["growth"] = growth(options)

    print(f"{results['machine']}, {results['date']}; in brackets the ratio to the C floor")
    report(results)
    results["targets"] = targets(results)
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=2) + "\n")
    if options.svg:
        chart(results, options.svg)


main()
