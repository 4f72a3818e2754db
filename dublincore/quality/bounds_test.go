package quality

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

// TestMemoryIsBounded feeds records that have nothing in common and looks at all that a meter keeps.
func TestMemoryIsBounded(t *testing.T) {
	m := NewMeter(time.Time{}, formats.Demands)
	for i := range 5000 {
		r := &dc.Record{}
		for _, term := range dc.Elements() {
			r.Values = append(r.Values, dc.Value{Term: term, Text: fmt.Sprintf("%s %d in the year %d", term, i, i*7919), Lang: fmt.Sprintf("x-%d", i)})
		}
		r.Values = append(r.Values, dc.Value{Term: dc.Issued, Text: fmt.Sprintf("%04d-01-01", 1+i%9000)},
			dc.Value{Term: dc.Date, Text: strings.Repeat("x ", i%50) + strings.Repeat("-", i/50)})
		r.Notes = append(r.Notes, dc.NotMappedNote([]string{fmt.Sprintf("%03d%s", i, strings.Repeat("n", i%300)), "and"}))
		m.Add(fmt.Sprintf("%s%d", strings.Repeat("i", 1000), i), r)
	}
	for i := range m.elements {
		if n := len(m.elements[i].differ.hashes); n > 2*minima {
			t.Errorf("element %d keeps %d hashes", i, n)
		}
	}
	for _, q := range []*frequent{&m.titles, &m.days, &m.shapes} {
		if len(q.met) > counters {
			t.Errorf("%d counters", len(q.met))
		}
		for _, c := range q.met {
			if len(c.where) > maxSamples || len(c.text) > 4*maxShown+4 {
				t.Errorf("a counter of %d samples and %d bytes", len(c.where), len(c.text))
			}
		}
	}
	if n := len(m.tagging.languages); n > maxLanguages+1 {
		t.Errorf("%d languages", n)
	}
	if n := len(m.unmapped); n > maxUnmapped+1 {
		t.Errorf("%d fields", n)
	}
	for field := range m.unmapped {
		if len(field) > 4*maxShown+4 {
			t.Errorf("a field of %d bytes", len(field))
		}
	}
	for _, n := range []int{len(m.judge.date.known), len(m.judge.language.known), len(m.judge.typ.known), len(m.judge.right.known), len(m.judge.identifier.known)} {
		if n > maxRecalled {
			t.Errorf("%d texts recalled", n)
		}
	}
	for i := range m.findings {
		for _, s := range append(m.findings[i].plain, m.findings[i].varied...) {
			if len(s.Identifier) > maxIdentifier+4 {
				t.Errorf("a sample with an identifier of %d bytes", len(s.Identifier))
			}
		}
	}
	for _, v := range m.facts.values[:cap(m.facts.values)] {
		if v.Text != "" {
			t.Fatal("the meter holds on to a record")
		}
	}
}

// TestLongTexts: texts of 100 KB cost what reading them costs; only their beginnings are compared.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("Ä quite long title & a <long> one. ", 3000)
	m := NewMeter(time.Time{}, formats.Demands)
	r := &dc.Record{}
	for i := range 50 {
		for _, term := range []dc.Term{dc.Title, dc.Description, dc.Identifier, dc.Date, dc.Language, dc.Type, dc.Rights} {
			r.Values = append(r.Values, dc.Value{Term: term, Text: fmt.Sprintf("%d%s", i, long)})
		}
	}
	m.Add("long", r)
	if len(m.similar.a) > maxAlike || len(m.similar.b) > maxAlike || len(m.similar.row) != maxAlike+1 {
		t.Errorf("%d and %d characters were compared", len(m.similar.a), len(m.similar.b))
	}
	if n := m.findings[titleNearDescription].count; n != 1 {
		t.Errorf("the description is nearly the title %d times, want 1", n)
	}
	for i := range m.findings {
		for _, s := range m.findings[i].samples() {
			if n := len([]rune(s.Value)); n > 2*(maxShown+1)+3 {
				t.Errorf("a sample of %d characters", n)
			}
		}
	}
	for _, known := range []int{len(m.judge.date.known), len(m.judge.typ.known), len(m.judge.identifier.known)} {
		if known != 0 {
			t.Error("long texts are recalled")
		}
	}
}

// TestDistinctEstimate: far beyond what is counted exactly, the estimate is within 5 standard errors.
func TestDistinctEstimate(t *testing.T) {
	for _, n := range []int{2*minima - 1, 10_000, 300_000} {
		var d distinct
		for i := range n {
			d.add(hashText(fmt.Sprintf("value %d", i)))
			d.add(hashText(fmt.Sprintf("value %d", i/2)))
		}
		got := d.count()
		if n < 2*minima && got != int64(n) {
			t.Errorf("%d different values are counted as %d", n, got)
		}
		if off := math.Abs(float64(got)/float64(n) - 1); off > 5/math.Sqrt(minima) {
			t.Errorf("%d different values are estimated as %d", n, got)
		}
	}
}

// TestDistinctMerge: a merged count is that of all in one, also where one or both are estimates.
func TestDistinctMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 3000, 4095, 4096, 9000})
		a, b, overlap := size.Draw(t, "a"), size.Draw(t, "b"), rapid.IntRange(0, 2000).Draw(t, "overlap")
		var left, right, whole distinct
		for i := range a {
			h := mix(uint64(i) + 1)
			left.add(h)
			whole.add(h)
		}
		for i := range b {
			h := mix(uint64(a+i-min(overlap, a)) + 1)
			right.add(h)
			whole.add(h)
		}
		left.merge(&right)
		if left.count() != whole.count() {
			t.Errorf("merged %d, whole %d", left.count(), whole.count())
		}
	})
}

// TestFrequentGuarantee: no count is too high, none is low by more than lost, and lost is small.
func TestFrequentGuarantee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		many := rapid.IntRange(1, 8000).Draw(t, "different")
		often := rapid.IntRange(1, 300).Draw(t, "often")
		split := rapid.Bool().Draw(t, "split")
		var parts [2]frequent
		total := int64(0)
		feed := func(i int, text string) {
			part := &parts[0]
			if split {
				part = &parts[i%2]
			}
			part.add(&facts{identifier: text, hash: uint64(i)}, text, text)
			total++
		}
		for i := range many {
			feed(i, fmt.Sprint("once ", i))
			if i%max(1, many/often) == 0 {
				feed(i/2, "often")
			}
		}
		exact := total - int64(many)
		q := &parts[0]
		q.merge(&parts[1])
		if q.lost > total/(counters+1) {
			t.Errorf("%d are lost of %d", q.lost, total)
		}
		var got int64
		for _, c := range q.met {
			if c.text == "often" {
				got = c.count
			}
		}
		if got > exact || got < exact-q.lost || len(q.met) > counters {
			t.Errorf("met %d times, counted %d, lost %d, %d counters", exact, got, q.lost, len(q.met))
		}
	})
}

// TestFrequentMerge: of two full parts what is subtracted is the count of the first that finds no place.
func TestFrequentMerge(t *testing.T) {
	var full, few frequent
	for i := range counters {
		for range 3 {
			full.add(&facts{}, fmt.Sprint("full ", i), "")
		}
	}
	for i := range 5 {
		few.add(&facts{}, fmt.Sprint("few ", i), "")
	}
	full.merge(&few)
	if full.lost != 1 || len(full.met) != counters || len(full.atLeast(2)) != counters {
		t.Errorf("%d lost, %d counters; want 1 and %d, each of 2", full.lost, len(full.met), counters)
	}
}

// TestSamplesOfMany: which samples are kept, of records with few values and with many, is told by their
// hashes, not by the order.
func TestSamplesOfMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SampledFrom([]int{1, 3, 5, 8, 300}).Draw(t, "values")
		numbers := make([]int, 300)
		for i := range numbers {
			numbers[i] = i
		}
		order := rapid.Permutation(numbers).Draw(t, "order")
		var inOrder, shuffled tally
		add := func(to *tally, i int) {
			id := fmt.Sprint("r", i)
			to.add(&facts{identifier: id, hash: hashText(id)}, fmt.Sprint("value ", i*7%300%values))
		}
		for i := range 300 {
			add(&inOrder, i)
			add(&shuffled, order[i])
		}
		if diff := cmp.Diff(inOrder.samples(), shuffled.samples()); diff != "" {
			t.Errorf("samples (-in order +shuffled):\n%s", diff)
		}
		differ := map[string]bool{}
		for _, s := range inOrder.samples() {
			differ[s.Value] = true
		}
		if len(inOrder.samples()) != maxSamples || len(differ) != min(values, maxSamples) {
			t.Errorf("%d samples with %d values of %d", len(inOrder.samples()), len(differ), values)
		}
	})
}

// TestLikeness compares near with the definition, on short texts.
func TestLikeness(t *testing.T) {
	letters := rapid.StringMatching(`[abcÄé]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		var s similar
		ra, rb := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
		short := min(len(ra), len(rb))
		want := short > 0 && max(len(ra), len(rb))-short <= nearDistance && 10*longest(ra, rb) >= 9*short
		if got := s.near(a, b); got != want {
			t.Errorf("near(%q, %q) is %v", a, b, got)
		}
		if s.near(a, b) != s.near(b, a) {
			t.Errorf("near(%q, %q) depends on the order", a, b)
		}
	})
}

// longest is the length of the longest common subsequence, by its definition.
func longest(a, b []rune) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}
