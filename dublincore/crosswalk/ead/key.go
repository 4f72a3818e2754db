package ead

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// name gives each component its key. Those of a level come before those in it, so the keys around one are known.
func name(components []*level) {
	ids := map[string]int{}
	type sibling struct {
		above *level
		code  string
	}
	codes := map[sibling]int{}
	for _, l := range components {
		ids[l.id]++
		codes[sibling{l.above(), l.code}]++
	}
	taken := map[string]bool{}
	for _, l := range components {
		above := l.above()
		switch {
		case l.id != "" && ids[l.id] == 1:
			l.key = l.id
		case l.code != "" && codes[sibling{above, l.code}] == 1:
			l.key = below(above, l.code)
		default:
			l.key = below(above, "~"+digest(l.code+"\n"+l.about))
		}
		for n, key := 2, l.key; taken[l.key]; n++ { // siblings that say the same
			l.key = key + "~" + strconv.Itoa(n)
		}
		taken[l.key] = true
	}
}

// below is a key in that of the component around it.
func below(above *level, key string) string {
	if above == nil || above.key == "" {
		return key
	}
	return above.key + "/" + key
}

// digest is short: it only has to tell siblings from each other.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:5])
}
