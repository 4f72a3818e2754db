package config_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// docs/configuration.md has every key: what it means, what it may be, its default, and an example that is good.
func TestConfigurationReference(t *testing.T) {
	want, path := newReference(t).guide(), "../../docs/configuration.md"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	had, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(had), want); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}

const configurationIntroduction = `# Configuration

<!-- Made from the structs of the configuration: go test ./internal/config -run TestConfigurationReference -update -->

Every key of ` + "`sheaf.yaml`" + `; ` + "`sheaf config check`" + ` says what is wrong with a file, ` + "`sheaf config schema`" + ` prints this as a JSON Schema for editors. All keys are there since the first release. Each example is good where it stands. Durations are written ` + "`90s`, `6h`, `7d`" + `, sizes ` + "`500MB`, `16MiB`" + `; where several values may stand, one may stand alone.
`

// A reference makes the guide from the schema.
type reference struct {
	t        *testing.T
	root     schema
	examples map[string]any // by path, from the files of testdata/good, and others
	b        strings.Builder
}

func newReference(t *testing.T) *reference {
	t.Helper()
	r := &reference{t: t, root: readSchema(t), examples: map[string]any{}}
	for _, name := range []string{"archive.yaml", "university.yaml", "aggregator.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata/good", name))
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := yaml.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		r.learn("", v)
	}
	for path, text := range others {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		r.examples[path] = v
	}
	return r
}

// learn notes the values of a file. What is said of one source is an example for all.
func (r *reference) learn(path string, v any) {
	m, ok := v.(map[string]any)
	if !ok || path == "source.context" {
		r.examples[path] = v
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m)) { // of several examples always the same one stays
		value := m[key]
		switch {
		case path == "sources" || path == "groups":
			r.learn("source", value)
		case path == "" && key == "defaults":
			r.learn("source", value)
		case path == "sets" || path == "webhooks":
			r.learn(path, value)
		default:
			r.learn(strings.TrimPrefix(path+"."+key, "."), value)
		}
	}
}

// others are examples of keys that the files don't have, by path.
var others = map[string]string{
	"backup.to": "/mnt/backup/sheaf", "store.dsn_file": "/run/secrets/dsn", "store.replica_dsn_file": "/run/secrets/replica", "source.only_source": "letters", "source.only_set": "\"letters:maps\"",
	"backup.s3.endpoint": "https://s3.example.org", "backup.s3.bucket": "library-backups", "backup.s3.prefix": "sheaf/", "backup.s3.region": "eu-central-1",
	"backup.s3.access_key_file": "/run/secrets/s3-id", "backup.s3.secret_key_file": "/run/secrets/s3-secret", "backup.s3.ca_file": "/etc/sheaf/s3-ca.pem",
	"defaults": "{every: 1d}", "groups": "{dspace: {kind: oai, formats: [mods, oai_dc]}}", "sources": "{letters: {kind: listing, from: saved/*.txt}}",
	"sets":             "{letters: {title: Letters, where: type is Text}}",
	"listen.ops_hosts": "sheaf.monitoring.svc.cluster.local", "listen.ops_roles": "{anna: admin, ben: act}", "listen.ops_users_file": "/etc/sheaf/htpasswd",
	"listen.ops_open": "true", "listen.ops_token_file": "/run/secrets/ops-token",
	"listen.public_tls.cert_file": "/etc/sheaf/public.pem", "listen.public_tls.key_file": "/etc/sheaf/public.key", "listen.ops_allow": "[10.20.0.0/16]",
	"listen.public_acme.hosts": "[gateway.example.org, www.gateway.example.org]", "listen.public_acme.email": "admin@example.org", "listen.public_acme.ca_file": "/etc/sheaf/acme-ca.pem",
	"listen.ops_oidc.issuer": "https://login.example.org/realms/library", "listen.ops_oidc.client_id": "sheaf", "listen.ops_oidc.client_secret_file": "/run/secrets/oidc",
	"listen.ops_oidc.ca_file": "/etc/sheaf/login-ca.pem", "listen.ops_oidc.url": "https://ops.example.org", "listen.ops_oidc.scopes": "[profile, groups]", "listen.ops_oidc.roles": "{librarians: act, admins: admin}",
	"listen.ops_tls.cert_file": "/etc/sheaf/ops.pem", "listen.ops_tls.key_file": "/etc/sheaf/ops.key",
	"events.ca_file": "/etc/sheaf/nats-ca.pem", "events.client_certificate.cert_file": "/etc/sheaf/nats.pem", "events.client_certificate.key_file": "/etc/sheaf/nats.key",
	"events.domain": "hub", "events.nkey_file": "/run/secrets/gateway.nk", "events.open": "true", "events.users_file": "/etc/sheaf/readers",
	"events.readers.NAME.nkey": "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", "events.readers.NAME.sources": "[letters, repository]",
	"events.tls.cert_file": "/etc/sheaf/events.pem", "events.tls.key_file": "/etc/sheaf/events.key", "events.websocket": "127.0.0.1:4223",
	"look.logo": "logo.svg", "look.footer": "Example Archive, 1 High Street, Example", "look.imprint": "https://archive.example.org/imprint", "look.privacy": "https://archive.example.org/privacy",
	"look.templates": "templates", "look.pictures": "[images.example.org]", "look.light.page": "'#ffffff'", "look.light.panel": "'#f2f2f2'", "look.light.text": "'#111111'", "look.light.soft": "'#555555'", "look.light.link": "'#7a1f3d'", "look.light.visited": "'#5b2a86'",
	"look.dark.page": "'#101010'", "look.dark.panel": "'#202020'", "look.dark.text": "'#eeeeee'", "look.dark.soft": "'#b0b0b0'", "look.dark.link": "'#f2a7bd'", "look.dark.visited": "'#c9a9ef'",
	"tracing.otlp": "http://127.0.0.1:4318", "tracing.headers_file": "/run/secrets/collector", "tracing.ca_file": "/etc/sheaf/collector-ca.pem",
	"log.requests": "true", "keep.quarantine.age": "90d", "keep.audit.age": "730d", "oai.branding.icon": "https://archive.example.org/icon.png", "oai.branding.link": "https://archive.example.org/", "oai.branding.title": "Example Archive",
	"oai.branding.width": "64", "oai.branding.height": "64", "oai.key_file": "/run/secrets/tokens", "oai.old_key_files": "[/run/secrets/tokens.old]",
	"webhooks":     "{catalogue: {url: https://catalogue.example.org/hooks/sheaf, secret_file: /run/secrets/catalogue-hook}}",
	"webhooks.url": "https://catalogue.example.org/hooks/sheaf", "webhooks.secret_file": "/run/secrets/catalogue-hook", "webhooks.old_secret_files": "[/run/secrets/catalogue-hook.old]",
	"webhooks.sources": "[letters, repository]", "webhooks.set": "rules:letters", "webhooks.operations": "deleted", "webhooks.allow_private": "10.20.0.0/16",
	"sets.title": "Letters", "sets.description": "{description: Letters of the nineteenth century}", "sets.where": "type is Text and created before 1900",
	"source.title": "Letters to the museum", "source.description": "Letters that the museum has received since 1851", "source.group": "dspace", "source.corrections": "letters.csv",
	"source.rights": "https://creativecommons.org/publicdomain/zero/1.0/", "source.provider.name": "Example Museum", "source.provider.url": "https://museum.example.org/",
	"source.hold.changed": "20%", "source.hold.deleted": "2%", "source.absent.ask_above": "2%", "source.absent.delete_after": "2",
	"source.http.headers": "{X-Client: '7'}", "source.http.max_size": "100MB", "source.http.pause": "2s", "source.http.private_networks": "10.0.0.0/8", "source.http.token_file": "/run/secrets/api",
	"source.sets": "[theses, com_123_456]", "source.post": "true", "source.domain": "repository.example.edu", "source.key": "001", "source.complete": "true",
	"source.items": "hits.hits", "source.datestamp": "updated", "source.deleted": "not is_published", "source.ignore": "[stats.views]", "source.total": "hits.total",
	"source.page.cursor": "meta.next_cursor", "source.page.first": "'*'", "source.page.link": "true", "source.page.next": "links.next", "source.page.number": "page", "source.page.offset": "start", "source.page.param": "cursor",
	"source.since.param": "q", "source.since.value": "'updated:[{since} TO *]'", "source.only": "'*/metadata/*.xml'", "source.hosts": "[static.example.org]",
	"source.match": "'*/objects/*'", "source.skip": "'*/objects/tags/*'", "source.records": "records", "source.delimiter": "tab", "source.encoding": "windows-1252", "source.sheet": "Catalogue", "source.components": "lowest",
	"source.select.count": ".hits", "source.select.end": ".no-results", "source.select.id": "'@data-id'", "source.select.kind": "h2", "source.select.link": "h3 a",
	"source.detail.hosts": "[objects.example.org]", "source.detail.select": "{creator: .author, subject: .tags a}", "source.detail.within": "main", "source.base": "https://museum.example.org/search", "source.token_file": "/run/secrets/letters",
}

func (r *reference) guide() string {
	r.b.WriteString(configurationIntroduction)
	properties := r.root["properties"].(schema)
	var alone, sections []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.Config]()) {
		switch key := f.Tag.Get("yaml"); {
		case key == "" || key == "-":
		case properties[key].(schema)["properties"] == nil:
			alone = append(alone, key)
		default:
			sections = append(sections, key)
		}
	}
	r.heading("At the top", "")
	for _, key := range alone {
		r.row(key, key, properties[key].(schema))
	}
	for _, key := range sections {
		p := properties[key].(schema)
		r.heading("`"+key+":`", p["description"])
		r.rows(key, "", p)
	}
	set := properties["sets"].(schema)["additionalProperties"].(schema)
	r.heading("`sets:` a set", set["description"])
	r.rows("sets", "", set)
	r.heading("`webhooks:` a webhook", "[docs/webhooks.md](webhooks.md) says what a receiver is sent.")
	r.rows("webhooks", "", properties["webhooks"].(schema)["additionalProperties"].(schema))
	source := r.root["$defs"].(schema)["source"].(schema)
	var own []string
	for _, k := range options.Kinds {
		own = append(own, keysOf(reflect.TypeOf(k.Settings).Elem())...)
	}
	r.heading("`sources:` a source of any kind", "Except those that belong to one source alone (`from`, `title`, `was`…), they may also stand under `defaults:`, and in a group.")
	all := source["properties"].(schema)
	for _, key := range keysOf(reflect.TypeFor[config.Source]()) {
		r.member("source", key, all[key].(schema))
	}
	for _, k := range options.Kinds {
		r.heading("`kind: "+k.Name+"`", "")
		for _, key := range keysOf(reflect.TypeOf(k.Settings).Elem()) {
			r.member("source", key, all[key].(schema))
		}
	}
	for key := range all {
		if !slices.Contains(own, key) && !slices.Contains(keysOf(reflect.TypeFor[config.Source]()), key) {
			r.t.Errorf("no kind has the key %s", key)
		}
	}
	return r.b.String()
}

// keysOf are the keys of a struct, in its order.
func keysOf(t reflect.Type) (keys []string) {
	for _, f := range reflect.VisibleFields(t) {
		if key := f.Tag.Get("yaml"); key != "" && key != "-" && len(f.Index) == 1 {
			keys = append(keys, key)
		}
	}
	return keys
}

func (r *reference) heading(title string, text any) {
	fmt.Fprintf(&r.b, "\n## %s\n", title)
	if s, _ := text.(string); s != "" {
		fmt.Fprintf(&r.b, "\n%s\n", s)
	}
	r.b.WriteString("\n| key | | values | default | example |\n|---|---|---|---|---|\n")
}

// rows has a row for each key of a section, those of its parts too.
func (r *reference) rows(path, prefix string, s schema) {
	properties := s["properties"].(schema)
	var keys []string
	for key := range properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		r.part(path+"."+key, prefix+key, properties[key].(schema))
	}
}

func (r *reference) member(path, key string, s schema) { r.part(path+"."+key, key, s) }

// part has the rows of a key, or of the keys below it.
func (r *reference) part(path, shown string, s schema) {
	if s["properties"] != nil {
		r.rows(path, shown+".", s)
		return
	}
	if each, ok := s["additionalProperties"].(schema); ok && each["properties"] != nil {
		r.rows(path+".NAME", shown+".NAME.", each)
		return
	}
	r.row(path, shown, s)
}

// row is what the guide says of a key.
func (r *reference) row(path, shown string, s schema) {
	text, _ := s["description"].(string)
	if text == "" {
		r.t.Errorf("%s has no description", path)
	}
	def := ""
	if d, ok := s["default"]; ok {
		def = code(d)
	}
	fmt.Fprintf(&r.b, "| `%s` | %s | %s | %s | %s |\n", shown, strings.ReplaceAll(text, "|", "\\|"), values(s), def, r.example(path, shown, s))
}

// example is a value of the key, which the schema accepts.
func (r *reference) example(path, shown string, s schema) string {
	v, ok := r.examples[path]
	if d, has := s["default"]; has && !ok {
		v, ok = d, true
	}
	if enum, has := s["enum"].([]any); has && !ok {
		v, ok = enum[0], true
	}
	if !ok {
		r.t.Errorf("%s has no example: add one to others", path)
		return ""
	}
	c := validator{root: r.root}
	c.check(s, whole(v), path)
	for _, problem := range c.problems {
		r.t.Errorf("the example of %s is not good: %s", path, problem)
	}
	key := shown[strings.LastIndex(shown, ".")+1:]
	return "`" + strings.ReplaceAll(key+": "+flow(v), "|", "\\|") + "`"
}

// whole makes integers of numbers without a fraction, which JSON doesn't tell apart.
func whole(v any) any {
	if f, ok := v.(float64); ok && f == float64(int64(f)) {
		return int64(f)
	}
	return v
}

// values says in a few words what a key may be.
func values(s schema) string {
	if enum, ok := s["enum"].([]any); ok {
		var words []string
		for _, v := range enum {
			words = append(words, code(v))
		}
		return strings.Join(words, ", ")
	}
	if one, ok := s["anyOf"].([]any); ok {
		return strings.TrimSpace(values(one[0].(schema)) + "; one or several")
	}
	low, high := s["minimum"], s["maximum"]
	pattern, _ := s["pattern"].(string)
	switch {
	case s["$ref"] != nil || s["type"] == "object":
		return "a mapping"
	case s["type"] == "boolean":
		return "`true`, `false`"
	case strings.Contains(pattern, "w|d|h|m"):
		return "a duration"
	case strings.Contains(pattern, "kKmMgGtT"):
		return "a size"
	case strings.Contains(pattern, "never"):
		return "a number, a share such as `2%`, or `never`"
	case low != nil && high != nil:
		return fmt.Sprintf("%.0f to %.0f", low, high)
	case s["type"] == "integer":
		return "a number"
	case s["format"] == "uri":
		return "a URL"
	case s["format"] == "email":
		return "an email address"
	}
	return "a text"
}

func code(v any) string { return "`" + flow(v) + "`" }

var plainRE = regexp.MustCompile(`^[A-Za-z0-9/.$_*@<][A-Za-z0-9/.:;$_*@%()<>=?&+\-]*$`)

// flow writes a value on one line, as it would stand in a file.
func flow(v any) string {
	switch v := v.(type) {
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, flow(one))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case map[string]any:
		var all []string
		for key, one := range v {
			all = append(all, key+": "+flow(one))
		}
		slices.Sort(all)
		return "{" + strings.Join(all, ", ") + "}"
	case string:
		if plainRE.MatchString(v) && !strings.HasSuffix(v, ":") {
			return v
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return fmt.Sprint(v)
}
