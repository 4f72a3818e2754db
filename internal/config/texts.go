package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A form is what a text must be.
type form struct {
	// read gives the value to keep, or what is wrong with it, in words that follow the value.
	read func(n *node, s string) (string, error)
	// pattern and format are for the schema; empty if they say nothing.
	pattern, format string
}

// forms are the texts that the tag "as" names.
var forms = map[string]form{
	"path":      {read: readPath},
	"url":       {read: readURL, format: "uri"},
	"root":      {read: readRoot, format: "uri"},
	"place":     {read: readPlace},
	"nats":      {read: readNATS, format: "uri"},
	"email":     {read: readEmail, format: "email"},
	"listen":    {read: readListen, pattern: `:[0-9]+$`},
	"namespace": {read: readNamespace, pattern: namespaceGrammar.String()},
	"name":      {read: readName, pattern: nameGrammar.String()},
	"prefix":    matching(`^[A-Za-z0-9\-_.!~*'()]{1,256}$`, "is not a metadata prefix such as oai_dc"),
	"setspec":   matching(`^[^\s]+$`, "is not a set spec such as articles or theses:2024"),
	// Not the grammar of the specification: repositories have sets that it doesn't allow, also with blanks in their specs.
	"foreignset": matching(`^[^\s]+( +[^\s]+)*$`, "is not a set spec such as articles or theses:2024"),
	"host":       matching(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`, "is not the name of a host such as ops.example.org"),
	"colour":     matching(`^#[0-9a-fA-F]{6}$`, "is not a colour such as #0b4f8a"),
	"stream":     matching(`^[A-Z0-9][A-Z0-9-]{0,31}$`, "must be capital letters, digits and hyphens, at most 32"),
}

func matching(pattern, what string) form {
	re := regexp.MustCompile(pattern)
	return form{pattern: pattern, read: func(_ *node, s string) (string, error) {
		if !re.MatchString(s) {
			return "", errors.New(what)
		}
		return s, nil
	}}
}

func readPath(n *node, s string) (string, error) {
	if s == "" {
		return "", errors.New("is not a path")
	}
	return n.resolve(s), nil
}

// readURL takes absolute http and https URLs without secrets in them.
func readURL(_ *node, s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https", strings.ContainsAny(s, " \t\r\n"):
		return "", errors.New("is not a whole URL such as https://example.org/path")
	case u.User != nil:
		return "", errors.New("holds a user; put it under http: user and password_file")
	case u.Hostname() == "" || !validPort(u):
		return "", errors.New("has no valid host and port")
	}
	return s, nil
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	p, err := strconv.Atoi(u.Port())
	return err == nil && p > 0 && p < 1<<16
}

// readRoot takes a URL that paths are put behind.
func readRoot(n *node, s string) (string, error) {
	if s, err := readURL(n, s); err != nil {
		return s, err
	}
	if strings.ContainsAny(s, "?#") {
		return "", errors.New(`can't have a "?" or "#": paths are put behind it`)
	}
	s = strings.TrimRight(s, "/")
	if strings.HasSuffix(s, "/oai") {
		return "", errors.New("is the root, without /oai; take that off")
	}
	return s, nil
}

// readPlace takes what "from" can be: a URL, or files. For files it gives an absolute pattern for filepath.Glob.
func readPlace(n *node, s string) (string, error) {
	switch {
	case s == "":
		return "", errors.New("is neither a URL nor a file")
	case strings.Contains(s, "://"):
		if strings.Contains(s, "#") {
			return "", errors.New(`can't have a "#": it is never sent; take it off`)
		}
		return readURL(n, s)
	}
	if _, err := filepath.Match(s, ""); err != nil {
		return "", errors.New(`is not a pattern; close the "["`)
	}
	if filepath.IsAbs(s) {
		return filepath.Clean(s), nil
	}
	return filepath.Join(Literal(n.file.dir), s), nil
}

// Literal is the pattern that "from" takes for the one file or folder of this name.
func Literal(path string) string { return globQuote.Replace(path) }

var globQuote = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func readNATS(_ *node, s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || !validPort(u) {
		return "", errors.New("is not the URL of a NATS server such as tls://n1.example.org:4222")
	}
	switch u.Scheme {
	case "nats", "tls", "ws", "wss":
	default:
		return "", errors.New("must begin with nats://, tls://, ws:// or wss://")
	}
	if u.User != nil {
		return "", errors.New("holds a user; use credentials_file")
	}
	return s, nil
}

// readEmail holds to the emailType of the OAI-PMH schema as well: \S+@(\S+\.)+\S+.
func readEmail(_ *node, s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !emailGrammar.MatchString(s) {
		return "", errors.New("is not an e-mail address such as metadata@example.org")
	}
	return s, nil
}

var emailGrammar = regexp.MustCompile(`^\S+@(\S+\.)+\S+$`)

func readListen(_ *node, s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	p, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil || p < 0 || p >= 1<<16 || strings.ContainsAny(host, "/ ") {
		return "", errors.New(`is not an address to listen on, such as "127.0.0.1:8080" or ":8080"`)
	}
	return s, nil
}

var (
	// The grammar of the oai-identifier schema for the domain.
	namespaceGrammar = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+$`)
	nameGrammar      = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
)

func readNamespace(_ *node, s string) (string, error) {
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	switch {
	case namespaceGrammar.MatchString(s) && len(s) <= 253:
		return s, nil
	case err == nil:
		return "", errors.New("is an address; identifiers are for ever: use a domain name of your own, such as gateway.example.org")
	case strings.Contains(s, "/"), strings.Contains(s, ":"):
		return "", errors.New("must be a domain name alone, such as gateway.example.org")
	case !strings.Contains(s, "."):
		return "", errors.New("has one part only; identifiers are for ever: use a domain name of your own, such as gateway.example.org")
	}
	return "", errors.New("is not a domain name whose parts all begin with a letter and hold letters, digits and hyphens, such as gateway.example.org")
}

// reserved names can't be sources: they mean something else in set specs, metrics or files.
var reserved = map[string]string{
	"all":   "it means every source",
	"other": "metrics use it for the rest",
	"rules": "it is for sets that are made by rules",
}

// CheckName says why a name can't be that of a source; nil if it can.
func CheckName(s string) error {
	_, err := readName(nil, s)
	return err
}

func readName(_ *node, s string) (string, error) {
	switch {
	case !nameGrammar.MatchString(s):
		return "", errors.New("must be letters a–z, digits and hyphens, at most 64, and not begin with a hyphen: it is part of identifiers for ever")
	case reserved[s] != "":
		return "", fmt.Errorf("can't be the name of a source: %s", reserved[s])
	case isSection(s):
		return "", errors.New("can't be the name of a source: it is a section of the configuration")
	}
	return s, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, errors.New("is neither an address nor a network such as 10.0.0.0/8")
	}
	if p != p.Masked() {
		return p, fmt.Errorf("has bits beyond its length; did you mean %q?", p.Masked())
	}
	return p, nil
}

func parseZone(s string) (*time.Location, error) {
	z, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		return nil, errors.New("is not a time zone such as Europe/Paris or UTC")
	}
	return z, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
