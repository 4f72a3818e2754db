#!/usr/bin/env python3
"""Keeps a catalogue (a table in SQLite) in sync with a Sheaf gateway, over HTTP alone.

    python3 catalogue.py --gateway https://gateway.example.org/ catalogue.db
    python3 catalogue.py --gateway https://gateway.example.org/ --once catalogue.db

Needs nothing but Python 3.9. With --once it ends when the catalogue holds what the gateway holds, and proves that: exit
status 0 if their digests are equal, 3 if not.

The rules that it keeps (docs/subscribers.md says why):
 1. The place in the log is written in the same transaction as the records.
 2. A line is applied only behind the one that it follows; an answer without its last line was cut, and is asked for again.
 3. When the gateway says that the place is gone (410), everything comes again in a new pass. Only at its end is deleted
    what did not come again.
"""
import argparse
import hashlib
import json
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

BATCH = 500  # lines in one transaction


class Cut(Exception):
    """The answer ended early. What came whole is right."""


class Gone(Exception):
    """The place is none in the gateway's log any more."""


def open_catalogue(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("""
        CREATE TABLE IF NOT EXISTS record (identifier TEXT PRIMARY KEY, datestamp TEXT, title TEXT, oai_dc TEXT, pass INTEGER);
        CREATE INDEX IF NOT EXISTS record_pass ON record (pass);
        CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT, pass INTEGER, filling INTEGER);
    """)
    return db


def place_of(db):
    row = db.execute("SELECT cursor, pass, filling FROM place").fetchone()
    return row or ("0", int(time.time() * 1000), 1)  # a pass is named by the time, so that it is always a new one


def write(db, lines, cursor, pass_, filling, sweep=False):
    """Writes records, their deletions and the place, or none of them."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for line in lines:
            if line["operation"] == "deleted":
                db.execute("DELETE FROM record WHERE identifier = ?", [line["identifier"]])
            else:
                title = line["record"].get("title", [{"value": ""}])[0]["value"]
                db.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)",
                           [line["identifier"], line["datestamp"], title, line["oai_dc"], pass_])
        if sweep:
            db.execute("DELETE FROM record WHERE pass <> ?", [pass_])
        db.execute("INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)", [cursor, pass_, filling])
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def ask(gateway, cursor, wait):
    """Gives the lines of one answer; the last one has "head"."""
    query = urllib.parse.urlencode({"after": cursor, "limit": 10000, "wait": f"{wait}s", "with": "oai_dc"})
    try:
        with urllib.request.urlopen(f"{gateway}/changes?{query}", timeout=wait + 60) as answer:
            for text in answer:
                if not text.endswith(b"\n"):
                    break
                yield json.loads(text)
    except urllib.error.HTTPError as e:
        if e.code == 410 and "problem+json" in e.headers.get("Content-Type", ""):
            raise Gone(e.read(65536).decode("utf-8", "replace")) from e
        raise


def catch_up(db, gateway, wait):
    """Applies one answer. Returns the head if the catalogue is there now, else None."""
    cursor, pass_, filling = place_of(db)
    epoch, seq, seen = (cursor.split(".") + ["0"])[:3] if "." in cursor else ("", "0", "0")
    lines = []
    try:
        for line in ask(gateway, cursor, 0 if filling else wait):
            if "head" in line:
                at_head = not line["more"]
                write(db, lines, line["next"], pass_, filling and not at_head, sweep=filling and at_head)
                return line["head"] if at_head else None
            if line["prev"] != seq or epoch and line["epoch"] != epoch:
                break  # something between is missing
            lines.append(line)
            epoch, seq, seen = line["epoch"], line["seq"], line.get("seen", seen)
            cursor = f"{epoch}.{seq}.{seen}"
            if len(lines) == BATCH:
                write(db, lines, cursor, pass_, filling)
                lines = []
    except (OSError, ValueError) as e:
        if lines:
            write(db, lines, cursor, pass_, filling)
        raise Cut(e) from e
    except Gone as e:
        print("everything is read again:", e, file=sys.stderr)
        write(db, [], "0", max(int(time.time() * 1000), pass_ + 1), 1)
        return None
    if lines:
        write(db, lines, cursor, pass_, filling)
    raise Cut("no last line")


def digest(db):
    """The digest of the catalogue, computed as the gateway computes that of its log."""
    total = 0
    for identifier, datestamp, oai_dc in db.execute("SELECT identifier, datestamp, oai_dc FROM record"):
        total += int.from_bytes(hashlib.sha256(f"{identifier}\n{datestamp}\n{oai_dc}".encode()).digest(), "big")
    return f"{total % 2**256:064x}"


def main():
    args = argparse.ArgumentParser(description="Keeps a catalogue in sync with a Sheaf gateway.")
    args.add_argument("--gateway", required=True, help="such as https://gateway.example.org/")
    args.add_argument("--once", action="store_true", help="end when the catalogue is equal, and prove it")
    args.add_argument("catalogue", help="the SQLite file")
    args = args.parse_args()
    db = open_catalogue(args.catalogue)
    failures = 0
    while True:
        try:
            head = catch_up(db, args.gateway.rstrip("/"), 0 if args.once else 55)
            failures = 0
        except Cut as e:
            print("will try again:", e, file=sys.stderr)
            failures += 1
            if args.once and failures > 8:
                return 1
            time.sleep(min(60, 0.25 * 2 ** min(failures, 8)) * random.uniform(0.5, 1))
            continue
        if args.once and head:
            own, records = digest(db), db.execute("SELECT count(*) FROM record").fetchone()[0]
            if "digest" not in head:  # it is being worked out, after an epoch has begun
                time.sleep(0.5)
                continue
            equal = own == head["digest"]
            print(records, "records, digest", own, "equal to the gateway's" if equal else f"NOT that of the gateway, {head['digest']}")
            return 0 if equal else 3


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
