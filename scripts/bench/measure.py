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

import chart
from report import CONTENDERS, report, targets

BENCH = Path(os.environ["BENCH"])
URL = os.environ["BENCH_DATABASE_URL"]
SERVER, _, DATABASE = URL.rpartition("/")
EMPTY = "users_empty"
EVENT = Path(__file__).with_name("event.json")
RESOLVER = Path(__file__).with_name("resolver.json")
KINDS = ["unchanged", "changed", "new"]
TLS = f"?sslmode=verify-full&sslrootcert={BENCH}/ca.pem"
PLAIN = "?sslmode=disable"


def sql(statement, database=DATABASE):
    command = ["psql", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", f"{SERVER}/{database}",
               "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().split("\t")


def runtime(*arguments, programs=CONTENDERS, query=PLAIN, database=DATABASE, event=EVENT, server=SERVER, **settings):
    """Figures by contender, as scripts/bench/runtime.c prints them."""
    command = [str(BENCH / "runtime"), *map(str, arguments), str(event)]
    command += [str(BENCH / program) for program in programs]
    environment = {"DATABASE_URL": f"{server}/{database}{query}", "PATH": os.environ["PATH"], "LOG_LEVEL": "INFO",
                   "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_REGION": "eu-central-1"} | settings
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


def warm(options, kind, query, **others):
    names = ["p50_us", "p99_us", "max_us", "cpu_us", "peak_kb", "events_per_s"]
    rounds = [runtime("warm", kind, options.events, query=query, **others) for _ in range(options.rounds)]
    return {name: dict(zip(names, values)) for name, values in medians(rounds).items()}


def resolver(options):
    """AppSync's field "me", for a user whom the events before have brought. The floor sends the same SQL over the same
    connection, and echoes the event."""
    server = SERVER.replace("//postgres:", "//api_login:")
    sql("""CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO api_login;
      CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql STABLE
      AS $$ SELECT jsonb_build_object('id', u.id, 'email', u.email)
            FROM cognito.users_live AS u WHERE u.id = cognito.current_user_id() $$""")
    return warm(options, "unchanged", PLAIN, programs=["pooltable", "floor"], event=RESOLVER, server=server,
                APPSYNC="on")


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


def fill(database, count):
    """Users for an empty table, without its indexes, which are built anew afterwards: that is much faster than
    putting each of 10,000,000 random keys in its place."""
    def run(statement):
        sql(statement, database)

    run("""ALTER TABLE cognito.users DROP CONSTRAINT users_pkey CASCADE, DROP CONSTRAINT users_user_pool_id_sub_key;
      DROP INDEX cognito.users_email_idx""")
    run(f"""SET synchronous_commit = off;
      INSERT INTO cognito.users (user_pool_id, sub, username, email, status, attributes, observed_at)
      SELECT 'eu-central-1_ExaMPLe01', gen_random_uuid(), 'user' || n, 'user' || n || '@example.net',
        'CONFIRMED', '{{"name": "Ada Berg"}}', now() FROM generate_series(1, {count}) AS n""")
    run("""SET maintenance_work_mem = '1GB';
      ALTER TABLE cognito.users
        ADD PRIMARY KEY (id), ADD CONSTRAINT users_user_pool_id_sub_key UNIQUE (user_pool_id, sub);
      CREATE INDEX users_email_idx ON cognito.users (email);
      ALTER TABLE cognito.user_roles
        ADD FOREIGN KEY (user_id) REFERENCES cognito.users (id) ON DELETE CASCADE""")
    run("VACUUM ANALYZE cognito.users")


def growth(options):
    """Warm p50 of an unchanged user with so many users in the table: a database for each count, and all of
    them in turn, since a machine is not as fast in one minute as in another."""
    counts = [0, 1_000, 100_000] + ([] if options.quick else [1_000_000, 10_000_000])
    databases = {count: f"users_{count}" for count in counts}
    for database in databases.values():
        sql(f"CREATE DATABASE {database} TEMPLATE {EMPTY}")
    for count, database in databases.items():
        fill(database, count)
        print(f"  {count:>10,} users", file=sys.stderr)
    # Or the server would write all this while it is being measured.
    sql("CHECKPOINT")
    rounds = [
        {count: runtime("warm", "unchanged", options.events, database=database)
         for count, database in databases.items()}
        for _ in range(options.rounds)
    ]
    result = {
        count: {name: values[0] for name, values in medians([one[count] for one in rounds]).items()}
        for count in counts
    }
    for database in databases.values():
        sql(f"DROP DATABASE {database}")
    return result


def crowd(options):
    """Warm p50 and events per second of all, with so many processes of one contender at once."""
    def one(program, count):
        command = [str(BENCH / "runtime"), "warm", "unchanged", str(options.events // 5), str(EVENT),
                   str(BENCH / program)]
        environment = {"DATABASE_URL": URL + PLAIN, "PATH": os.environ["PATH"], "AWS_REGION": "eu-central-1"}
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
            for _ in range(count)
        ]
        lines = [process.communicate()[0].split("\t") for process in running]
        if any(process.returncode for process in running):
            sys.exit(f"{program} failed with {count} processes")
        return [statistics.median(float(line[1]) for line in lines), sum(float(line[6]) for line in lines)]

    result = {}
    for count in [1, 8, 32]:
        rounds = [{program: one(program, count) for program in CONTENDERS} for _ in range(options.rounds)]
        result[count] = {
            name: dict(zip(["p50_us", "events_per_s"], values)) for name, values in medians(rounds).items()
        }
    return result


def throttled(options):
    """First and warm answers with 7 % of a core, as a 128 MB function has after its start-up; None without cgroups."""
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
    result = {}
    for program in CONTENDERS:
        # The shell puts itself into the group, and becomes the program.
        wrapper = BENCH / f"{program}-throttled"
        wrapper.write_text(f"#!/bin/sh\necho $$ >{group}/cgroup.procs\nexec {BENCH / program}\n")
        wrapper.chmod(0o755)
        start = runtime("cold", 5, programs=[wrapper.name])[wrapper.name]
        answers = runtime("warm", "unchanged", 400, programs=[wrapper.name])[wrapper.name]
        result[program] = {
            "answer_ms": start[1], "p50_us": answers[0], "p99_us": answers[1], "events_per_s": answers[5]}
    time.sleep(0.2)
    group.rmdir()
    return result


def size(program):
    """What a deployment holds beside a runtime that Lambda brings itself."""
    if program == "pooltable":
        return (BENCH.parent / "package" / "bootstrap.zip").stat().st_size
    if program == "node":
        folders = [BENCH / "node-modules" / "usr/share/nodejs"]
    elif program == "python":
        packages = next((BENCH / "venv" / "lib").glob("python3*/site-packages"))
        folders = packages.glob("psycopg*")
    else:
        return (BENCH / program).stat().st_size
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores, {model or platform.machine()}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench/run")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--events", type=int)
    parser.add_argument("--json")
    parser.add_argument("--svg")
    options = parser.parse_args()
    events, options.rounds, options.cold = (1000, 1, 10) if options.quick else (5000, 3, 40)
    options.events = options.events or events

    def save():
        # After each part: a run that is cut short has not been for nothing.
        if options.json:
            Path(options.json).write_text(json.dumps(results, indent=2) + "\n")

    sql(f"CREATE DATABASE {EMPTY} TEMPLATE {DATABASE}")
    results = {"machine": machine(), "date": datetime.date.today().isoformat(), "quick": options.quick,
               "events": options.events}
    results["cold"] = {"plain": cold(options, PLAIN), "tls": cold(options, TLS)}
    save()
    print("  cold starts", file=sys.stderr)
    results["warm"] = {f"{kind} user, plain": warm(options, kind, PLAIN) for kind in KINDS}
    results["warm"]["unchanged user, TLS"] = warm(options, "unchanged", TLS)
    results["warm"]["a field of AppSync's, plain"] = resolver(options)
    print("  warm answers", file=sys.stderr)
    results["cost"] = {program: cost(options, program) for program in CONTENDERS}
    results["size"] = {program: size(program) for program in CONTENDERS}
    save()
    results["growth"] = growth(options)
    save()
    sql("TRUNCATE cognito.users CASCADE")
    results["crowd"] = crowd(options)
    save()
    results["throttled"] = throttled(options)

    print(f"{results['machine']}, {results['date']}; in brackets the ratio to the C floor")
    report(results)
    results["targets"] = targets(results)
    save()
    if options.svg:
        chart.write(results, options.svg)


main()
