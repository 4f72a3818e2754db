CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dictionary (
  id    INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE log_head (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  epoch     INTEGER NOT NULL,
  seq       INTEGER NOT NULL, -- the last one given out
  datestamp INTEGER NOT NULL, -- seconds since 1970, UTC
  began     INTEGER NOT NULL, -- a lower bound of all datestamps
  digest    BLOB    NOT NULL,
  restamp   INTEGER NOT NULL, -- always 0; programs of before schema version 3 read it

  epoch_stamp INTEGER NOT NULL DEFAULT 0, -- the first datestamp of the epoch; 0 in the first one
  epoch_seq   INTEGER NOT NULL DEFAULT 0, -- what has a seq up to this one shows that datestamp
  undigested  INTEGER NOT NULL DEFAULT 0  -- live records with a seq up to this one are not in the digest yet
) STRICT;

CREATE TABLE epoch (
  epoch    INTEGER PRIMARY KEY,
  began    INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, -- 0 while it lasts
  why      TEXT    NOT NULL
) STRICT;

CREATE TABLE leap ( -- seqs that the log left out when it was opened (leap.go)
  after INTEGER PRIMARY KEY,
  upto  INTEGER NOT NULL
) STRICT;

CREATE TABLE second (
  datestamp INTEGER PRIMARY KEY,
  seq       INTEGER NOT NULL
) STRICT;

CREATE TABLE source (
  source        INTEGER PRIMARY KEY,
  name          TEXT    NOT NULL UNIQUE,
  run           INTEGER NOT NULL DEFAULT 0, -- the current one
  cursor        TEXT    NOT NULL DEFAULT '',
  pass          INTEGER NOT NULL DEFAULT 1, -- counts from 1
  pass_began    INTEGER NOT NULL DEFAULT 0, -- 0: not yet
  incomplete    INTEGER NOT NULL DEFAULT 0, -- the present pass is known to lack items
  last_complete INTEGER NOT NULL DEFAULT 0, -- end of the last complete pass
  last_full     INTEGER NOT NULL DEFAULT 0, -- likewise, of a full one
  last_new      INTEGER NOT NULL DEFAULT 0, -- last change that it brought
  live          INTEGER NOT NULL DEFAULT 0,
  deleted       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE run (
  run         INTEGER PRIMARY KEY,
  source      INTEGER NOT NULL,
  began       INTEGER NOT NULL,
  heartbeat   INTEGER NOT NULL,
  ended       INTEGER NOT NULL DEFAULT 0,
  result      TEXT    NOT NULL DEFAULT '',
  err         TEXT    NOT NULL DEFAULT '',
  pages       INTEGER NOT NULL DEFAULT 0,
  items       INTEGER NOT NULL DEFAULT 0,
  added       INTEGER NOT NULL DEFAULT 0,
  updated     INTEGER NOT NULL DEFAULT 0,
  deleted     INTEGER NOT NULL DEFAULT 0,
  unchanged   INTEGER NOT NULL DEFAULT 0,
  rejected    INTEGER NOT NULL DEFAULT 0,
  suppressed  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_of_source ON run (source, run);

CREATE TABLE item (
  item        INTEGER PRIMARY KEY,
  identifier  TEXT    NOT NULL UNIQUE,
  source      INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  seen        INTEGER NOT NULL, -- the pass of its source in which it came last
  stale       INTEGER NOT NULL, -- 1: the newest harvest of it was rejected
  format      INTEGER NOT NULL, -- key of its native format in list; 0 if it is not XML, or oai_dc
  fingerprint BLOB    NOT NULL,
  input       BLOB    NOT NULL
) STRICT;

CREATE TABLE record (
  seq        INTEGER PRIMARY KEY,
  item       INTEGER NOT NULL,
  datestamp  INTEGER NOT NULL,
  identifier TEXT    NOT NULL,
  deleted    TEXT    NOT NULL, -- the reason; empty for a live record
  sets       TEXT    NOT NULL, -- specs with a blank between
  formats    INTEGER NOT NULL, -- a number for those made of its Dublin Core beside oai_dc, and for how they are written (written.go)
  provenance TEXT    NOT NULL, -- the chain of originDescriptions, as for oai_dc; empty if none, or deleted
  rights     TEXT    NOT NULL, -- a URL; empty if none, or deleted
  oai_dc     BLOB              -- null if deleted
) STRICT;

CREATE TABLE written ( -- what no number without a sign can say (written.go)
  number  INTEGER PRIMARY KEY, -- negative
  formats TEXT NOT NULL UNIQUE -- pipeline.Formats
) STRICT;

CREATE TABLE content (
  item     INTEGER PRIMARY KEY,
  origin   TEXT NOT NULL, -- JSON
  rules    TEXT NOT NULL,
  notes    TEXT NOT NULL, -- JSON; empty if none
  dc       BLOB NOT NULL, -- Dublin Core as JSON, compressed (store/codec.go)
  original BLOB NOT NULL  -- likewise; behind all else, so that who does not need it need not read it
) STRICT;

CREATE TABLE alias (
  identifier TEXT PRIMARY KEY,
  item       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE list (
  key        INTEGER PRIMARY KEY,
  kind       TEXT    NOT NULL, -- 'set'; 'format': a native one; 'made': one of those that record.formats says, whose members are not in member
  name       TEXT    NOT NULL, -- set spec, or prefix
  title      TEXT    NOT NULL, -- of a set, for people; namespace and schema of a native format
  members    INTEGER NOT NULL DEFAULT 0,
  departures INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, name)
) STRICT;

CREATE TABLE member (
  key INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE departure (
  key        INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  item       INTEGER NOT NULL,
  datestamp  INTEGER NOT NULL,
  identifier TEXT    NOT NULL,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX departure_of_item ON departure (item, key);

CREATE TABLE quarantine (
  id         INTEGER PRIMARY KEY,
  source     INTEGER NOT NULL,
  key        TEXT    NOT NULL,
  identifier TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  detail     TEXT    NOT NULL,
  original   BLOB    NOT NULL, -- compressed
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  times      INTEGER NOT NULL,
  pass       INTEGER NOT NULL, -- of its source, in which it came last
  UNIQUE (source, key)
) STRICT;
CREATE INDEX quarantine_of_identifier ON quarantine (identifier);

CREATE TABLE relay (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  epoch      INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  stream_seq INTEGER NOT NULL,

  saved INTEGER NOT NULL DEFAULT 0 -- when the place was saved
) STRICT;
