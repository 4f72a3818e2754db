package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// A person is somebody who has shown who they are.
type person struct {
	Name, Role string
	// key is what their forms are bound to: it differs for each session, and for each password.
	key [sha256.Size]byte
	// bearer says that a program sent the token in a header that no other site can make a browser send.
	bearer bool
	// session is set for those who have signed in.
	session *session
}

// Session reports whether the person has signed in, and can sign out.
func (p *person) Session() bool { return p.session != nil }

// May reports whether the person may do what needs a role.
func (p *person) May(role string) bool {
	return p != nil && slices.Index(config.Roles, p.Role) >= slices.Index(config.Roles, role)
}

// tokenName is what a person is called who has the token and gives no name.
const tokenName = "token"

// people know who may do what.
type people struct {
	listen *config.Listen
	token  string // what lets in whoever has it, as an admin

	mu    sync.Mutex
	read  time.Time         // of the users file: when it was written
	users map[string]string // hashes by name
	known map[[sha256.Size]byte]string
}

// knownPasswords bounds the passwords that need not be compared with their hash at each request.
const knownPasswords = 1000

// isToken reports whether a text is the token. How long the comparison takes tells nothing about it.
func (p *people) isToken(text string) bool {
	a, b := sha256.Sum256([]byte(strings.TrimSpace(text))), sha256.Sum256([]byte(p.token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && p.token != ""
}

// hashes are the users as their file is now. If it can't be read any more, those that were read last stay.
func (p *people) hashes() map[string]string {
	file := p.listen.OpsUsers.File
	if file == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(file)
	if p.users == nil {
		p.users, _, _ = config.ParseUsers(p.listen.OpsUsers.Value())
	}
	if err != nil || info.ModTime().Equal(p.read) || info.Size() > maxUsersFile {
		return p.users
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return p.users
	}
	if users, _, err := config.ParseUsers(string(text)); err == nil {
		p.users, p.known = users, nil
	}
	p.read = info.ModTime()
	return p.users
}

// maxUsersFile bounds the file of users, in bytes.
const maxUsersFile = 64 << 10

// proof is what a session rests on: when it changes, the session ends.
func (p *people) proof(name string, by basis) (proof [sha256.Size]byte, ok bool) {
	switch by {
	case byToken:
		return sha256.Sum256([]byte("token " + p.token)), p.token != ""
	case byProvider:
		return proof, true
	}
	hash, ok := p.hashes()[name]
	return sha256.Sum256([]byte("user " + name + " " + hash)), ok
}

// role is what a user may do.
func (p *people) role(name string) string {
	if role := p.listen.OpsRoles[name]; role != "" {
		return role
	}
	return config.RoleRead
}

// strangersHash, of no password of anybody, is compared with where there is no such user, so that it takes as long to say so.
const strangersHash = "$2a$10$SuIpHPbhJEJm61iPVq5j/u8Z5PmkUmqjzTMBvpbtTKCr9yU1YANp2"

// check finds the person with a name and a password, or with the token as password; nil if there is none.
func (p *people) check(name, password string) *person {
	key := sha256.Sum256([]byte("password\x00" + name + "\x00" + password))
	if p.isToken(password) {
		if name == "" {
			name = tokenName
		}
		return &person{Name: name, Role: config.RoleAdmin, key: key}
	}
	hash, ok := p.hashes()[name]
	if !ok {
		hash = strangersHash
	}
	if p.remembered(key) != hash {
		if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil || !ok {
			return nil
		}
		p.remember(key, hash)
	}
	return &person{Name: name, Role: p.role(name), key: key}
}

// remembered is the hash that a password was found to be right for.
func (p *people) remembered(key [sha256.Size]byte) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[key]
}

func (p *people) remember(key [sha256.Size]byte, hash string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= knownPasswords {
		p.known = map[[sha256.Size]byte]string{}
	}
	p.known[key] = hash
}

// bearer finds the person of a token in a header; nil if the header has none, or a wrong one.
func (p *people) bearer(r *http.Request) *person {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !p.isToken(given) {
		return nil
	}
	return &person{Name: tokenName, Role: config.RoleAdmin, bearer: true}
}

// cheap reports whether a password needs no comparison with a hash, which takes long: it is the token, or was right before, or
// there are no users.
func (p *people) cheap(name, password string) bool {
	hashes := p.hashes()
	if len(hashes) == 0 || p.isToken(password) {
		return true
	}
	hash, ok := hashes[name]
	return ok && p.remembered(sha256.Sum256([]byte("password\x00"+name+"\x00"+password))) == hash
}
