package sqlite

import (
	"fmt"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// invariants are queries that count what must not be.
var invariants = map[string]string{
	"items whose place in the log is another's":     "SELECT count(*) FROM item i LEFT JOIN record r ON r.seq = i.seq WHERE r.item IS NOT i.item OR r.identifier IS NOT i.identifier",
	"records of no item":                            "SELECT count(*) FROM record r LEFT JOIN item i ON i.item = r.item WHERE i.seq IS NOT r.seq",
	"items without content":                         "SELECT count(*) FROM item i LEFT JOIN content c USING (item) WHERE c.item IS NULL",
	"content without item":                          "SELECT count(*) FROM content c LEFT JOIN item i USING (item) WHERE i.item IS NULL",
	"aliases of nothing":                            "SELECT count(*) FROM alias a LEFT JOIN item i USING (item) WHERE i.item IS NULL",
	"members that are no record":                    "SELECT count(*) FROM member m LEFT JOIN record r USING (seq) WHERE r.seq IS NULL",
	"departures of members":                         "SELECT count(*) FROM departure d JOIN item i USING (item) JOIN member m ON m.key = d.key AND m.seq = i.seq",
	"members of the wrong sets":                     "SELECT count(*) FROM member m JOIN list l USING (key) JOIN record r USING (seq) WHERE l.kind = 'set' AND instr(' ' || r.sets || ' ', ' ' || l.name || ' ') = 0 AND instr(' ' || r.sets, ' ' || l.name || ':') = 0",
	"sets without their members":                    "SELECT count(*) FROM record r JOIN list l ON l.kind = 'set' AND instr(' ' || r.sets || ' ', ' ' || l.name || ' ') > 0 LEFT JOIN member m ON m.key = l.key AND m.seq = r.seq WHERE m.seq IS NULL",
	"formats without their members":                 "SELECT count(*) FROM item i LEFT JOIN member m ON m.key = i.format AND m.seq = i.seq WHERE i.format <> 0 AND m.seq IS NULL",
	"wrong counts of members":                       "SELECT count(*) FROM list l WHERE kind <> 'made' AND members <> (SELECT count(*) FROM member m WHERE m.key = l.key)",
	"wrong counts of formats":                       "SELECT count(*) FROM list l WHERE kind = 'made' AND members <> (SELECT count(*) FROM record r WHERE r.formats & CASE l.name WHEN 'mods' THEN 1 WHEN 'edm' THEN 2 WHEN 'oai_openaire' THEN 4 END)",
	"departures of records that have the format":    "SELECT count(*) FROM departure d JOIN list l USING (key) JOIN item i USING (item) JOIN record r ON r.seq = i.seq WHERE l.kind = 'made' AND r.formats & CASE l.name WHEN 'mods' THEN 1 WHEN 'edm' THEN 2 WHEN 'oai_openaire' THEN 4 END",
	"deleted records with provenance or rights":     "SELECT count(*) FROM record WHERE deleted <> '' AND (provenance <> '' OR rights <> '')",
	"wrong counts of departures":                    "SELECT count(*) FROM list l WHERE departures <> (SELECT count(*) FROM departure d WHERE d.key = l.key)",
	"wrong counts of live records":                  "SELECT count(*) FROM source s WHERE live <> (SELECT count(*) FROM item i JOIN record r USING (seq) WHERE i.source = s.source AND r.deleted = '')",
	"wrong counts of deleted records":               "SELECT count(*) FROM source s WHERE deleted <> (SELECT count(*) FROM item i JOIN record r USING (seq) WHERE i.source = s.source AND r.deleted <> '')",
	"datestamps that go back":                       "SELECT count(*) FROM (SELECT datestamp, lag(datestamp) OVER (ORDER BY seq) AS before FROM record WHERE seq > (SELECT epoch_seq FROM log_head)) WHERE datestamp < before",
	"seconds that go back":                          "SELECT count(*) FROM (SELECT seq, lag(seq) OVER (ORDER BY datestamp) AS before FROM second WHERE seq > (SELECT epoch_seq FROM log_head)) WHERE seq < before",
	"records before the first of their second":      "SELECT count(*) FROM record r LEFT JOIN second s USING (datestamp) WHERE (s.seq IS NULL OR s.seq > r.seq) AND r.seq > (SELECT epoch_seq FROM log_head)",
	"departures before the first of their second":   "SELECT count(*) FROM departure d LEFT JOIN second s USING (datestamp) WHERE (s.seq IS NULL OR s.seq > d.seq) AND d.seq > (SELECT epoch_seq FROM log_head)",
	"records after the first of the next second":    "SELECT count(*) FROM record r WHERE seq > (SELECT epoch_seq FROM log_head) AND seq >= (SELECT seq FROM second s WHERE s.datestamp > r.datestamp ORDER BY s.datestamp LIMIT 1)",
	"stamps above the head":                         "SELECT count(*) FROM record r, log_head h WHERE r.seq > h.seq OR r.seq > h.epoch_seq AND (r.datestamp > h.datestamp OR r.datestamp < h.began)",
	"departures above the head":                     "SELECT count(*) FROM departure d, log_head h WHERE d.seq > h.seq OR d.seq > h.epoch_seq AND d.datestamp > h.datestamp",
	"changes stamped before their epoch":            "SELECT count(*) FROM record r, log_head h WHERE r.datestamp < h.epoch_stamp AND r.seq > h.epoch_seq",
	"heads in an epoch that has ended or never was": "SELECT count(*) FROM log_head h LEFT JOIN epoch e USING (epoch) WHERE e.last_seq IS NOT 0 OR h.epoch <> (SELECT max(epoch) FROM epoch)",
}

// untilDigested waits until the digest is worked out.
func untilDigested(t *testing.T, s *Store) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		head, err := s.Head(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the digest is not worked out: %+v, %v", head, err)
		}
		if !head.DigestPending {
			return
		}
	}
}

// checkInvariants looks at the tables of a log at rest, and works the digest out from nothing.
func checkInvariants(t *testing.T, s *Store) {
	t.Helper()
	untilDigested(t, s)
	err := s.snapshot(t.Context(), func(conn *sqlite.Conn, head pipeline.Head) error {
		for what, query := range invariants {
			if err := one(conn, query, nil, func(r *sqlite.Stmt) {
				if n := r.ColumnInt64(0); n != 0 {
					t.Errorf("%s: %d", what, n)
				}
			}); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		var digest pipeline.Digest
		if err := each(conn, "SELECT identifier, datestamp, oai_dc, seq FROM record WHERE deleted = ''", nil, func(r *sqlite.Stmt) error {
			digest.Add(r.ColumnText(0), time.Unix(head.Shown(r.ColumnInt64(3), r.ColumnInt64(1)), 0), columnBytes(r, 2))
			return nil
		}); err != nil {
			return err
		}
		if digest != head.Digest {
			t.Errorf("digest %x, want %x", head.Digest, digest)
		}
		return one(conn, "PRAGMA integrity_check(1)", nil, func(r *sqlite.Stmt) {
			if got := r.ColumnText(0); got != "ok" {
				t.Errorf("integrity check: %s", got)
			}
		})
	})
	if err != nil {
		t.Error(err)
	}
}
