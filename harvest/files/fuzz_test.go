package files

import (
	"bytes"
	"testing"
)

// FuzzRead: whatever a file holds, each thing that is met in it is an item with a key or something to tell, and reading
// it again gives the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte("00026nam a2200025 a 4500\x1e\x1d"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte(`<collection><record><controlfield tag="001">1</controlfield></record></collection>`))
	f.Add([]byte("=LDR  00000nam\n=001  17\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := New(Config{From: []string{"f"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		items, err := s.Items("f", content, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range items {
			if item := &items[i]; item.Key == "" || item.Rejected == nil && !item.Deleted && len(item.Original) == 0 {
				t.Errorf("an item of nothing: %+v", item)
			}
		}
		again, err := s.Items("f", content, 100)
		if err != nil || len(again) != len(items) {
			t.Fatalf("%d items, then %d: %v", len(items), len(again), err)
		}
		for i := range again {
			if again[i].Key != items[i].Key || !bytes.Equal(again[i].Original, items[i].Original) {
				t.Errorf("item %d is another the second time", i)
			}
		}
	})
}

// FuzzCursor: a cursor that is not one begins a pass anew, and one that is read is written as it was.
func FuzzCursor(f *testing.F) {
	f.Add(`{"v":1,"from":"x","seen":"AAAA"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var m memory
		if m.UnmarshalText([]byte(text)) != nil {
			return
		}
		out, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again memory
		if err := again.UnmarshalText(out); err != nil || len(again) != len(m) {
			t.Errorf("%d files, then %d: %v", len(m), len(again), err)
		}
	})
}
