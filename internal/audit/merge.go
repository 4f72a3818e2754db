package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Lines are all entries that are kept, as they are written, the first one first: a backup carries them.
func (l *Log) Lines() (out []string, err error) {
	for _, name := range []string{before, name} {
		f, err := os.Open(filepath.Join(l.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			out, err = lines(f, out)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
	}
	return out, nil
}

// lines adds the lines that are entries; what a killed process has left of one is no entry.
func lines(r io.Reader, out []string) ([]string, error) {
	for in := bufio.NewReader(r); ; {
		line, err := in.ReadString('\n')
		line = strings.TrimSpace(line)
		if line != "" && json.Valid([]byte(line)) {
			out = append(out, line)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Merge adds the entries of a backup that are not there, each in its place by time. Where that is more than one file holds, the
// oldest go. The new file takes the place of the one that is there before the older one is removed: killed in between, some
// entries are there twice until that one is removed too, and none is lost.
func (l *Log) Merge(carried []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	here, err := l.Lines()
	if err != nil {
		return err
	}
	if err := l.replace(l.fit(union(here, carried))); err != nil {
		return fmt.Errorf("write to the audit log: %w", err)
	}
	return nil
}

// union has each line as often as that one of both which has it more often, in order of time. Several of one second stay in
// their order.
func union(here, carried []string) []string {
	had := map[string]int{}
	for _, line := range here {
		had[line]++
	}
	all := slices.Clone(here)
	for _, line := range carried {
		if had[line]--; had[line] < 0 {
			all = append(all, line)
		}
	}
	at := map[string]Entry{}
	for _, line := range all {
		var e Entry
		if json.Unmarshal([]byte(line), &e) == nil {
			at[line] = e
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return at[a].At.Compare(at[b].At) })
	return all
}

// fit are the last lines that one file holds.
func (l *Log) fit(all []string) []string {
	left := l.bounds.Bytes / 2
	for i, line := range slices.Backward(all) {
		if left -= int64(len(line)) + 1; left < 0 {
			return all[i+1:]
		}
	}
	return all
}

func (l *Log) replace(all []string) error {
	if len(all) == 0 {
		return nil
	}
	path := filepath.Join(l.dir, name)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, strings.Join(all, "\n")+"\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(l.dir, before)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
