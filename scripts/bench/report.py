"""Prints what scripts/bench/measure.py has measured."""

# The names of the programs, and what people call them.
CONTENDERS = {"pooltable": "PoolTable", "floor": "C floor", "go": "Go", "node": "Node.js", "python": "Python"}


def table(title, rows):
    """Absolute figures, and in brackets the ratio to the C floor."""
    print(f"\n{title}")
    print(f"{'':<34}" + "".join(f"{label:>20}" for label in CONTENDERS.values()))
    for label, unit, values in rows:
        cells = []
        for name in CONTENDERS:
            value, base = values.get(name), values.get("floor")
            ratio = f" ({value / base:.2f})" if value is not None and base else ""
            cells.append("–" if value is None else f"{value:,.{1 if value < 1000 else 0}f}{ratio}")
        print(f"{label + ', ' + unit:<34}" + "".join(f"{cell:>20}" for cell in cells))


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
            ("warm p50", "µs", column(results["throttled"], "p50_us")),
            ("warm p99", "µs", column(results["throttled"], "p99_us")),
            ("events per second", "1/s", column(results["throttled"], "events_per_s"))])


def targets(results):
    """Prints and returns the targets, each a ratio within this run."""
    unchanged, start = results["warm"]["unchanged user, plain"], results["cold"]["plain"]
    field = results["warm"]["a field of AppSync's, plain"]

    def ratio(figures, key, other):
        return figures["pooltable"][key] / figures[other][key]

    growth_counts = list(results["growth"])
    rows = [
        ("warm p50, unchanged, to the floor", ratio(unchanged, "p50_us", "floor"), 1.25),
        ("warm p50, unchanged, to Python", ratio(unchanged, "p50_us", "python"), 0.45),
        ("warm p50, a field of AppSync's, to the floor", ratio(field, "p50_us", "floor"), 1.25),
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
