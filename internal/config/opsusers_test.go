package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

func hash(t *testing.T, password string, cost int) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

// The users of the operators' pages are checked when the configuration is: what could let nobody in, or the wrong ones, is
// refused.
func TestOpsUsers(t *testing.T) {
	good := hash(t, "secret", 10)
	for name, c := range map[string]struct {
		users, roles, want string // want is a part of the problem; empty if there is none
	}{
		"good":            {"alice:" + good + "\n# a comment\n\nbob:" + good + "\n", "{alice: admin, bob: act}", ""},
		"apache's prefix": {"alice:$2y$" + good[4:], "{}", ""},
		"plain":           {"alice:secret\n", "{}", `line 1: the hash of "alice" is not one of bcrypt`},
		"md5":             {"bob:" + good + "\nalice:$apr1$abc$def\n", "{}", "line 2"},
		"no name":         {":" + good, "{}", "no name"},
		"twice":           {"a:" + good + "\na:" + good, "{}", "again"},
		"too dear":        {"a:$2a$15$" + good[7:], "{}", "would wait"},
		"a stranger":      {"a:" + good, "{b: act}", "listen.ops_roles.b: is a user that"},
		"no role":         {"a:" + good, "{a: root}", `"root" is not one of read, act, admin`},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "users"), c.users)
		_, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte("listen: {ops_users_file: users, ops_roles: "+c.roles+"}\n"), options)
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		} else if strings.Contains(got, good[7:]) {
			t.Errorf("%s: the hash shows: %s", name, got)
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "users"), "alice:"+hash(t, "secret", 5))
	c, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte("listen: {ops_users_file: users}\n"), options)
	if err != nil || !strings.Contains(fmt.Sprint(c.Warnings), "alice is cheap to guess") {
		t.Errorf("%v, %v", c, err)
	}
}
