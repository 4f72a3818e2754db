package config

import "reflect"

// later has keys that this release does not have yet, as struct and key, and says how the gateway behaves without them. They
// are not refused as unknown keys, because those who write them have read of them. They are not accepted either, because a
// safeguard that does nothing is worse than none.
var later = map[string]string{
	"Provider.id":      "it would be shown nowhere",
	"Provider.contact": "it would be shown nowhere",
}

// notYet says why a key of a struct is refused that this release does not have yet; empty for all other keys.
func notYet(t reflect.Type, key string) string {
	if instead := later[t.Name()+"."+key]; instead != "" {
		return "is not in this release: " + instead + ". Take it out"
	}
	return ""
}
