package config

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// What people may do on the operators' pages: see everything; also run, pause and decide; also take down and back up.
const (
	RoleRead  = "read"
	RoleAct   = "act"
	RoleAdmin = "admin"
)

// Roles are all of them, the least first: each may do what those before it may.
var Roles = []string{RoleRead, RoleAct, RoleAdmin}

const (
	// maxUsers bounds the users of the operators' pages.
	maxUsers = 1000
	// minCost is what a hash should cost, and maxCost what it may: each step doubles the time, and at 14 it is a second.
	minCost, maxCost = 10, 14
)

// ParseUsers reads a file as htpasswd -B writes it, a line name:hash each, and gives the hashes by name. weak are the users
// whose hash is cheap to guess.
func ParseUsers(text string) (users map[string]string, weak []string, err error) {
	users = map[string]string{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, hash, _ := strings.Cut(line, ":")
		cost, bad := bcrypt.Cost([]byte(hash))
		switch {
		case name == "":
			return nil, nil, fmt.Errorf("line %d has no name; a line is name:hash, as htpasswd -B writes it", n)
		case bad != nil:
			return nil, nil, fmt.Errorf("line %d: the hash of %q is not one of bcrypt; make it with htpasswd -B -C %d", n, name, minCost)
		case cost > maxCost:
			return nil, nil, fmt.Errorf("line %d: the hash of %q costs %d, and whoever signs in would wait; make it with htpasswd -B -C %d", n, name, cost, minCost)
		case users[name] != "":
			return nil, nil, fmt.Errorf("line %d has %q again", n, name)
		case len(users) == maxUsers:
			return nil, nil, fmt.Errorf("has more than %d users", maxUsers)
		}
		if cost < minCost {
			weak = append(weak, name)
		}
		users[name] = hash
	}
	return users, weak, nil
}

func (d *decoder) checkOpsUsers(root *node, l *Listen) {
	var users map[string]string
	if l.OpsUsers.File != "" {
		all, weak, err := ParseUsers(l.OpsUsers.Value())
		if users = all; err != nil {
			d.problem(root.where("listen", "ops_users_file"), "listen.ops_users_file", "%v", err)
			return
		}
		if len(weak) > 0 {
			d.warning(root.where("listen", "ops_users_file"), "listen.ops_users_file", "the password of %s is cheap to guess from its hash; make it anew with htpasswd -B -C %d", strings.Join(weak, ", "), minCost)
		}
	}
	for name, role := range l.OpsRoles {
		switch {
		case !slices.Contains(Roles, role):
			d.problem(root.where("listen", "ops_roles"), "listen.ops_roles."+name, "%q is not one of %s", role, strings.Join(Roles, ", "))
		case users[name] == "":
			d.problem(root.where("listen", "ops_roles"), "listen.ops_roles."+name, "is a user that listen.ops_users_file does not have")
		}
	}
}
