package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
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

func TestBackupConfiguration(t *testing.T) {
	folder(t, map[string]string{
		"nowhere.yaml": "backup: {every: 1d}\n", "inside.yaml": "data: d\nbackup: {to: d}\n", "below.yaml": "gateway: {name: X}\ndata: d\nbackup: {to: d/backup, keep: 3}\n",
	})
	holds(t, "no folder", want(t, exitUsage, "config", "check", "nowhere.yaml").stderr, "nowhere.yaml:1:", "needs to:")
	holds(t, "the data folder", want(t, exitUsage, "config", "check", "inside.yaml").stderr, "inside.yaml:2:", "is the data folder")
	want(t, exitDone, "config", "check", "below.yaml")
}
