package config

import "reflect"

// later has keys that this release does not have yet, as struct and key, and says how the gateway behaves without them. They
// are not refused as unknown keys, because those who write them have read of them. They are not accepted either, because a
// safeguard that does nothing is worse than none.
var later = map[string]string{
	"Provider.id":      "it would be shown nowhere",
	"Provider.contact": "it would be shown nowhere",
	"Store.dsn_file":   "the log is kept in SQLite, a file in the data folder",
}

// laterKinds has the kinds of store that this release does not have yet, and says what to do instead.
var laterKinds = map[string]string{
	"postgres": "the log is kept in SQLite, a file in the data folder; set kind: sqlite, or take store: out",
}

// notYet says why a key of a struct is refused that this release does not have yet; empty for all other keys.
func notYet(t reflect.Type, key string) string {
	if instead := later[t.Name()+"."+key]; instead != "" {
		return "is not in this release: " + instead + ". Take it out"
	}
	return ""
}

// notYetKind says the same for a kind, in words that follow its name.
func notYetKind(kind string) string {
	if instead := laterKinds[kind]; instead != "" {
		return "is not in this release: " + instead
	}
	return ""
}
