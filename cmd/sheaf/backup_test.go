package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/backup/s3test"
)

// A gateway backs itself up as its configuration says; what it wrote can be restored, and whoever restores is told what
// consumers will do.
func TestScheduledBackup(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig + "backup: {to: copies}\n", "letters.txt": "1 May 1957\nA letter\n"})
	want(t, exitDone, "harvest", "letters")
	p := begin(t, "serve")
	var copies []string
	for deadline := time.Now().Add(time.Minute); len(copies) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no backup: %s", p.stderr.String())
		}
		copies, _ = filepath.Glob("copies/sheaf-*Z.db")
	}
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
	holds(t, "the log of the gateway", p.stderr.String(), "the log was backed up", copies[0])
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the backup: %v, %v", info, err)
	}
	holds(t, "the restore", want(t, exitDone, "restore", copies[0]).stdout, "is whole", "a new epoch", "resumption tokens", "/changes", "before-restore-N")
	holds(t, "what was restored", want(t, exitDone, "export").stdout, "A letter")
}

// bucketKeys is a bucket at a storage that is not asked.
const bucketKeys = "{endpoint: 'https://s3.example.org', bucket: copies, access_key_file: id, secret_key_file: secret}"

// A gateway sends its copies to a storage. They are listed there and restored from there, also into an empty folder of
// another machine.
func TestBackupToBucket(t *testing.T) {
	storage := s3test.Serve(t)
	folder(t, map[string]string{
		"id": s3test.AccessKey, "secret": s3test.SecretKey + "\n", "ca.pem": string(storage.CA), "letters.txt": "1 May 1957\nA letter\n",
		"sheaf.yaml": clockConfig + fmt.Sprintf("backup: {s3: {endpoint: 'https://%s', bucket: %s, prefix: one/, access_key_file: id, secret_key_file: secret, ca_file: ca.pem}}\n",
			storage.Address, s3test.Bucket),
	})
	want(t, exitDone, "harvest", "letters")
	want(t, exitDone, "pause", "letters", "--reason", "before the copy")
	want(t, exitDone, "resume", "letters")
	holds(t, "nothing yet", want(t, exitDone, "restore", "--list").stdout, "There is no copy at s3://copies/one")
	want(t, exitFailed, "restore", "--latest")
	p := begin(t, "serve")
	for deadline := time.Now().Add(time.Minute); !strings.Contains(want(t, exitDone, "restore", "--list").stdout, "Z.db"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no backup: %s", p.stderr.String())
		}
	}
	holds(t, "one more", want(t, exitDone, "backup").stdout, "s3://copies/one/sheaf-", "sheaf restore sheaf-")
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
	list := strings.Fields(want(t, exitDone, "restore", "--list").stdout)
	if list[0] >= list[len(list)-5] {
		t.Errorf("the newest is not the last: %s", list)
	}
	if err := os.RemoveAll("sheaf-data"); err != nil {
		t.Fatal(err)
	}
	holds(t, "the restore", want(t, exitDone, "restore", "--latest").stdout, "s3://copies/one/sheaf-", "is whole", "a new epoch")
	holds(t, "what was restored", want(t, exitDone, "export").stdout, "A letter")
	holds(t, "who did what", want(t, exitDone, "audit").stdout, "before the copy", "restore")
	want(t, exitDone, "pause", "letters", "--reason", "since the copy")
	want(t, exitDone, "restore", list[0])
	if audit := want(t, exitDone, "audit").stdout; strings.Count(audit, "before the copy") != 1 || strings.Count(audit, "since the copy") != 1 {
		t.Errorf("who did what, after another restore:\n%s", audit)
	}
	holds(t, "no such copy", want(t, exitFailed, "restore", "sheaf-20000101T000000Z.db").stderr, "there is no such copy", "--list")
	holds(t, "neither file nor copy", want(t, exitFailed, "restore", "monday.db").stderr, "no such file", "--list")
	want(t, exitUsage, "restore")

	// A copy that has gone bad replaces nothing.
	file := filepath.Join(storage.Folder, "one", list[0])
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "a bad copy", want(t, exitFailed, "restore", list[0]).stderr, "other bytes than were sent")
	holds(t, "what is still there", want(t, exitDone, "export").stdout, "A letter")
}

func TestBackupConfiguration(t *testing.T) {
	folder(t, map[string]string{
		"id": "gateway", "secret": "very-secret", "both.yaml": "backup: {to: d, s3: " + bucketKeys + "}\n",
		"empty.yaml": "backup: {s3: {endpoint: 'https://s3.example.org/copies', bucket: Copies, prefix: /x}}\n", "s3.yaml": "backup: {s3: " + bucketKeys + "}\n",
		"nowhere.yaml": "backup: {every: 1d}\n", "inside.yaml": "data: d\nbackup: {to: d}\n", "below.yaml": "gateway: {name: X}\ndata: d\nbackup: {to: d/backup, keep: 3}\n",
	})
	holds(t, "no folder", want(t, exitUsage, "config", "check", "nowhere.yaml").stderr, "nowhere.yaml:1:", "needs to:")
	holds(t, "the data folder", want(t, exitUsage, "config", "check", "inside.yaml").stderr, "inside.yaml:2:", "is the data folder")
	want(t, exitDone, "config", "check", "below.yaml")
	holds(t, "a folder and a bucket", want(t, exitUsage, "config", "check", "both.yaml").stderr, "has both to and s3")
	holds(t, "half a bucket", want(t, exitUsage, "config", "check", "empty.yaml").stderr, "needs access_key_file", "needs secret_key_file",
		"must be the storage's address alone", "small letters", "must not begin with a slash")
	want(t, exitDone, "config", "check", "s3.yaml")
}
