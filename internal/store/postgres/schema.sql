CREATE TABLE meta (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE dictionary (
  id    BIGINT PRIMARY KEY,
  bytes BYTEA NOT NULL
);

-- Where the numbers of items, runs and so on have come to. No sequence: what is rolled back takes nothing.
CREATE TABLE counter (
  name   TEXT COLLATE "C" PRIMARY KEY,
  number BIGINT NOT NULL -- the last one given out
);

CREATE TABLE writer ( -- who writes, and the last turn of theirs that was committed (writer.go)
  name TEXT COLLATE "C" PRIMARY KEY,
  turn BIGINT NOT NULL,
  at   BIGINT NOT NULL
);

CREATE TABLE gateway ( -- those that have the log open; one whose connections are gone is not there any more
  name  TEXT COLLATE "C" PRIMARY KEY,
  began BIGINT NOT NULL,
  place TEXT   NOT NULL DEFAULT '', -- its machine and its data folder
  beat  BIGINT NOT NULL DEFAULT 0,  -- when it was last heard of, in milliseconds since 1970 by the clock of the server; 0 if it does not work
  harvests BIGINT NOT NULL DEFAULT 0 -- 1 if it harvests what is due (hosts.go)
);

CREATE TABLE lease ( -- who of them does what one alone may do (lease.go): work, host/<host>, remap/<source>
  name   TEXT COLLATE "C" PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  until  BIGINT NOT NULL, -- milliseconds since 1970, by the clock of the server
  since  BIGINT NOT NULL DEFAULT 0, -- likewise
  rest   BIGINT NOT NULL DEFAULT 0  -- likewise: until then the host is not asked by anybody
);

CREATE TABLE hook ( -- how far each webhook is (package webhook); times in milliseconds since 1970, 0 for none
  name      TEXT COLLATE "C" PRIMARY KEY,
  epoch     BIGINT NOT NULL,
  seq       BIGINT NOT NULL,
  pass      BIGINT NOT NULL,
  ended     BIGINT NOT NULL,
  failing   BIGINT NOT NULL,
  why       TEXT   NOT NULL,
  delivered BIGINT NOT NULL,
  turn      BIGINT NOT NULL -- how often a gateway has begun to send by it
);

CREATE TABLE letter ( -- changes that a webhook is still to deliver
  hook       TEXT COLLATE "C" NOT NULL,
  identifier TEXT COLLATE "C" NOT NULL,
  seq        BIGINT NOT NULL,
  prev       BIGINT NOT NULL,
  attempts   BIGINT NOT NULL,
  first      BIGINT NOT NULL,
  next       BIGINT NOT NULL,
  dead       BIGINT NOT NULL,
  why        TEXT   NOT NULL,
  PRIMARY KEY (hook, identifier)
);
CREATE INDEX letter_next ON letter (hook, dead, next);

CREATE TABLE log_head (
  one         BIGINT PRIMARY KEY CHECK (one = 1),
  epoch       BIGINT NOT NULL,
  seq         BIGINT NOT NULL, -- the last one given out
  datestamp   BIGINT NOT NULL, -- seconds since 1970, UTC
  began       BIGINT NOT NULL, -- a lower bound of all datestamps
  digest      BYTEA  NOT NULL,
  epoch_stamp BIGINT NOT NULL DEFAULT 0, -- the first datestamp of the epoch; 0 in the first one
  epoch_seq   BIGINT NOT NULL DEFAULT 0, -- what has a seq up to this one shows that datestamp
  undigested  BIGINT NOT NULL DEFAULT 0  -- live records with a seq up to this one are not in the digest yet
);

CREATE TABLE epoch (
  epoch    BIGINT PRIMARY KEY,
  began    BIGINT NOT NULL,
  last_seq BIGINT NOT NULL, -- 0 while it lasts
  why      TEXT   NOT NULL
);

CREATE TABLE leap ( -- seqs that the log left out when it was opened (leap.go)
  after BIGINT PRIMARY KEY,
  upto  BIGINT NOT NULL
);

CREATE TABLE second (
  datestamp BIGINT PRIMARY KEY,
  seq       BIGINT NOT NULL
);

CREATE TABLE source (
  source        BIGINT PRIMARY KEY,
  name          TEXT COLLATE "C" NOT NULL UNIQUE,
  run           BIGINT NOT NULL DEFAULT 0, -- the current one
  cursor        TEXT   NOT NULL DEFAULT '',
  pass          BIGINT NOT NULL DEFAULT 1, -- counts from 1
  pass_began    BIGINT NOT NULL DEFAULT 0, -- 0: not yet
  incomplete    BIGINT NOT NULL DEFAULT 0, -- the present pass is known to lack items
  last_complete BIGINT NOT NULL DEFAULT 0, -- end of the last complete pass
  last_full     BIGINT NOT NULL DEFAULT 0, -- likewise, of a full one
  last_new      BIGINT NOT NULL DEFAULT 0, -- last change that it brought
  live          BIGINT NOT NULL DEFAULT 0,
  deleted       BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE run (
  run        BIGINT PRIMARY KEY,
  source     BIGINT NOT NULL,
  began      BIGINT NOT NULL,
  heartbeat  BIGINT NOT NULL,
  ended      BIGINT NOT NULL DEFAULT 0,
  result     TEXT   NOT NULL DEFAULT '',
  err        TEXT   NOT NULL DEFAULT '',
  pages      BIGINT NOT NULL DEFAULT 0,
  items      BIGINT NOT NULL DEFAULT 0,
  added      BIGINT NOT NULL DEFAULT 0,
  updated    BIGINT NOT NULL DEFAULT 0,
  deleted    BIGINT NOT NULL DEFAULT 0,
  unchanged  BIGINT NOT NULL DEFAULT 0,
  rejected   BIGINT NOT NULL DEFAULT 0,
  suppressed BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX run_of_source ON run (source, run);

CREATE TABLE account ( -- what is kept of a run beside its counts
  run   BIGINT PRIMARY KEY,
  about TEXT NOT NULL -- pipeline.Account, as JSON
);

CREATE TABLE item (
  item        BIGINT PRIMARY KEY,
  identifier  TEXT COLLATE "C" NOT NULL UNIQUE,
  source      BIGINT NOT NULL,
  seq         BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  seen        BIGINT NOT NULL, -- the pass of its source in which it came last
  stale       BIGINT NOT NULL, -- 1: the newest harvest of it was rejected
  format      BIGINT NOT NULL, -- key of its native format in list; 0 if it is not XML, or oai_dc
  fingerprint BYTEA  NOT NULL,
  input       BYTEA  NOT NULL
);

CREATE TABLE record (
  seq        BIGINT PRIMARY KEY,
  item       BIGINT NOT NULL,
  datestamp  BIGINT NOT NULL,
  identifier TEXT COLLATE "C" NOT NULL,
  deleted    TEXT COLLATE "C" NOT NULL, -- the reason; empty for a live record
  sets       TEXT COLLATE "C" NOT NULL, -- specs with a blank between
  formats    BIGINT NOT NULL, -- a number for those made of its Dublin Core beside oai_dc, and for how they are written (written.go)
  provenance TEXT   NOT NULL, -- the chain of originDescriptions, as for oai_dc; empty if none, or deleted
  rights     TEXT   NOT NULL, -- a URL; empty if none, or deleted
  oai_dc     BYTEA            -- null if deleted
);

CREATE TABLE written ( -- what no number without a sign can say (written.go)
  number  BIGINT PRIMARY KEY, -- negative
  formats TEXT COLLATE "C" NOT NULL UNIQUE -- pipeline.Formats
);

CREATE TABLE content (
  item     BIGINT PRIMARY KEY,
  origin   TEXT  NOT NULL, -- JSON
  rules    TEXT  NOT NULL,
  notes    TEXT  NOT NULL, -- JSON; empty if none
  dc       BYTEA NOT NULL, -- Dublin Core as JSON, compressed (store/codec.go)
  original BYTEA NOT NULL  -- likewise
);

CREATE TABLE alias (
  identifier TEXT COLLATE "C" PRIMARY KEY,
  item       BIGINT NOT NULL
);
CREATE INDEX alias_of_item ON alias (item);

CREATE TABLE list (
  key        BIGINT PRIMARY KEY,
  kind       TEXT COLLATE "C" NOT NULL, -- 'set'; 'format': a native one; 'made': one of those that record.formats says, whose members are not in member
  name       TEXT COLLATE "C" NOT NULL, -- set spec, or prefix
  title      TEXT   NOT NULL, -- of a set, for people; namespace and schema of a native format
  members    BIGINT NOT NULL DEFAULT 0,
  departures BIGINT NOT NULL DEFAULT 0,
  UNIQUE (kind, name)
);

CREATE TABLE member (
  key BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (key, seq)
);

CREATE TABLE departure (
  key        BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  item       BIGINT NOT NULL,
  datestamp  BIGINT NOT NULL,
  identifier TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (key, seq)
);
CREATE UNIQUE INDEX departure_of_item ON departure (item, key);

CREATE TABLE quarantine (
  id           BIGINT PRIMARY KEY,
  source       BIGINT NOT NULL,
  key          TEXT COLLATE "C" NOT NULL,
  key_hash     BYTEA  NOT NULL, -- SHA-256 of the key, which may be longer than an index takes
  identifier   TEXT COLLATE "C" NOT NULL,
  reason       TEXT   NOT NULL,
  detail       TEXT   NOT NULL,
  original     BYTEA  NOT NULL, -- compressed
  first_seen   BIGINT NOT NULL,
  last_seen    BIGINT NOT NULL,
  times        BIGINT NOT NULL,
  pass         BIGINT NOT NULL, -- of its source, in which it came last
  said         TEXT   NOT NULL, -- what the source said of an item that can be tried again; empty otherwise
  dismissed    BIGINT NOT NULL, -- when a person said that it needs nobody's attention; 0 if nobody did
  dismissed_by TEXT   NOT NULL,
  UNIQUE (source, key_hash)
);
CREATE INDEX quarantine_of_identifier ON quarantine USING hash (identifier);

CREATE TABLE noted ( -- what sources note of items for the next time that they ask for them
  identifier TEXT COLLATE "C" PRIMARY KEY, -- under which the item came, also where it became no record
  memo       TEXT NOT NULL
);

CREATE TABLE measure (
  source   BIGINT PRIMARY KEY,
  pass     BIGINT NOT NULL, -- the one that met, added and accepted are about
  met      BIGINT NOT NULL, -- different items that it has given so far
  added    BIGINT NOT NULL, -- those of them that the log had not
  accepted BIGINT NOT NULL, -- 1: a person takes it as it comes
  had      BIGINT NOT NULL, -- items at the end of the last complete pass
  warnings TEXT   NOT NULL  -- of the last run, as a JSON array
);

CREATE TABLE held ( -- changes that wait
  source  BIGINT NOT NULL,
  item    BIGINT NOT NULL,
  state   BIGINT NOT NULL, -- 0: nobody has decided; 1: approved; 2: refused
  deleted TEXT COLLATE "C" NOT NULL, -- the reason; empty if the record would change
  base    BYTEA  NOT NULL, -- input of the item that it would change
  input   BYTEA  NOT NULL, -- of what the source sent; zeros if it sent nothing
  change  BYTEA  NOT NULL, -- pipeline.Change as JSON, compressed
  PRIMARY KEY (source, item)
);

CREATE TABLE hold ( -- for what of a source a decision is waited
  source BIGINT PRIMARY KEY,
  run    BIGINT NOT NULL, -- 0 while a pass adds to it
  since  BIGINT NOT NULL
);

CREATE TABLE whole_pass ( -- full passes that have proven what the source has
  source BIGINT NOT NULL,
  pass   BIGINT NOT NULL,
  PRIMARY KEY (source, pass)
);

CREATE TABLE decision (
  decision  BIGINT PRIMARY KEY,
  source    BIGINT NOT NULL,
  run       BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  who       TEXT   NOT NULL,
  approved  BIGINT NOT NULL,
  deletions BIGINT NOT NULL,
  changes   BIGINT NOT NULL
);

CREATE TABLE suppressed ( -- records that are kept out
  identifier TEXT COLLATE "C" PRIMARY KEY,
  source     TEXT COLLATE "C" NOT NULL, -- empty if it is not known
  upstream   TEXT COLLATE "C" NOT NULL, -- likewise
  final      BIGINT NOT NULL, -- 0: hidden, and may come back
  reason     TEXT   NOT NULL,
  who        TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  seq        BIGINT NOT NULL, -- of the tombstone; 0 if there is none
  erased     BIGINT NOT NULL  -- 1: the event stream has nothing of it any more
);
CREATE INDEX suppressed_upstream ON suppressed USING hash (upstream) WHERE upstream <> '';

CREATE TABLE stopped ( -- sources that a person does not want to be harvested
  source  BIGINT PRIMARY KEY,
  retired BIGINT NOT NULL, -- 1: its records become deletions, too
  at      BIGINT NOT NULL,
  who     TEXT   NOT NULL,
  reason  TEXT   NOT NULL
);

CREATE TABLE minted ( -- the names of renamed sources in the identifiers of their records
  source BIGINT PRIMARY KEY,
  name   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX minted_name ON minted (name);

CREATE TABLE reconciliation ( -- what came of holding lists of sources against the log
  source  BIGINT NOT NULL,
  pass    BIGINT NOT NULL,
  at      BIGINT NOT NULL, -- when it ended; 0 while it lasts
  listed  BIGINT NOT NULL,
  found   BIGINT NOT NULL,
  missing BIGINT NOT NULL,
  extra   BIGINT NOT NULL,
  digest  BYTEA  NOT NULL,
  why     TEXT   NOT NULL, -- why it proves nothing; empty if it does
  PRIMARY KEY (source, pass)
);

CREATE TABLE session (
  id       BIGINT PRIMARY KEY,
  address  TEXT   NOT NULL,
  agent    TEXT   NOT NULL,
  contact  TEXT   NOT NULL,
  verb     TEXT   NOT NULL,
  prefix   TEXT   NOT NULL,
  spec     TEXT   NOT NULL, -- of the set; empty for all
  since    BIGINT NOT NULL, -- the request's from and until; 0 if it had none
  upto     BIGINT NOT NULL,
  began    BIGINT NOT NULL, -- milliseconds since 1970
  last     BIGINT NOT NULL, -- likewise
  position BIGINT NOT NULL,
  size     BIGINT NOT NULL,
  requests BIGINT NOT NULL,
  records  BIGINT NOT NULL,
  bytes    BIGINT NOT NULL,
  finished BIGINT NOT NULL
);

CREATE TABLE relay (
  one        BIGINT PRIMARY KEY CHECK (one = 1),
  epoch      BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  stream_seq BIGINT NOT NULL,
  saved      BIGINT NOT NULL DEFAULT 0 -- when the place was saved
);
