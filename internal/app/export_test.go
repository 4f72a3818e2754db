package app

// EffectOf and Effects are what a reload does, for tests of the guide.
var EffectOf = effectOf

// A KeyEffect is a row of the table.
type KeyEffect struct{ Key, What string }

// Effects are the rows of the table.
func Effects() (out []KeyEffect) {
	for _, e := range effects {
		out = append(out, KeyEffect{e.key, string(e.what)})
	}
	return out
}
