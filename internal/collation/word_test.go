package collation

import "testing"

func TestFind(t *testing.T) {
	for _, test := range []struct {
		text, word string
		want       Place
	}{
		{"The old harbour of Durrës", "harbour", Whole},
		{"The old harbour of Durrës", "HARBOUR OF DURRES", Whole},
		{"The old harbour of Durrës", "harbo", Begins},
		{"The old harbour of Durrës", "arbour", Inside},
		{"Subharbour, and a harbour", "harbour", Whole},
		{"Subharbour and harbours", "harbour", Begins},
		{"(harbour-master)", "harbour", Whole},
		{"Harbour", "harbour", Whole},
		{"harbours", "harbour of", Nowhere},
		{"Straße 17", "strasse", Whole},
		{"Straße 17", "1", Begins},
		{"Письма комитетам", "комитет", Begins},
		{"Письма комитетам", "комитетам", Whole},
		{"Письма комитетам", "митет", Inside},
		{"港の関東大震災", "大震災", Inside},
		{"ABC通信", "abc", Whole},
		{"", "a", Nowhere},
		{"a", "", Nowhere},
	} {
		if got := Of(test.text).Letters().Find(Of(test.word).Letters()); got != test.want {
			t.Errorf("%q in %q: %d, want %d", test.word, test.text, got, test.want)
		}
	}
}
