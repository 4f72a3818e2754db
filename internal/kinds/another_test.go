package kinds

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

//go:embed another_test.go
var cardsCode string

// Cards has the keys of kind cards.
type Cards struct {
	// What stands between two cards.
	Between string `yaml:"between" also:"divider"`
	// The side that is read.
	Side string `yaml:"side" enum:"front,back"`
}

// cards is all that a kind of source needs to be: a box of cards in a file, one behind the other.
var cards = Kind{
	Kind: config.Kind{Name: "cards", Settings: &Cards{Between: "--", Side: "front"}, Code: cardsCode, Check: func(s *config.Source, r *config.Report) {
		if r.Has("side") && s.Settings.(*Cards).Between == "" {
			r.Problem("between", "is empty; say what stands between two cards")
		}
	}},
	What: "a box of cards",
	Probe: func(ctx context.Context, p *Place) (*Proposal, error) {
		box, err := p.Content(ctx)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(box.Body, []byte("CARDS")) {
			return nil, NotThis{Why: "It does not begin with CARDS."}
		}
		return &Proposal{Name: "box", Found: []string{"A box of cards"}, Keys: []Key{{"kind", "cards"}, {"from", config.Literal(p.Path)}, {"side", "back"}}}, nil
	},
	Build: func(string, *config.Source, *harvest.Fetcher) (harvest.Source, error) {
		return nil, errors.New("no more cards")
	},
}

// TestAnotherKind: a kind is one file and one row, and everything that reads the table knows it then: the configuration
// with its checks, the schema, the probe and the commands.
func TestAnotherKind(t *testing.T) {
	had := table
	table = append(had[:len(had):len(had)], cards)
	t.Cleanup(func() { table = had })
	check := func(source string, want ...string) *config.Config {
		t.Helper()
		text := "gateway: {namespace: a.example, contact: a@a.example}\ndefaults: {side: back, overlap: 1h}\nsources:\n  box: {" + source + "}\n"
		cfg, err := config.Parse(filepath.Join(t.TempDir(), "sheaf.yaml"), []byte(text), config.Options{Kinds: Configurable()})
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", source, err, w)
			}
		}
		if err != nil && len(want) == 0 {
			t.Fatal(err)
		}
		return cfg
	}
	// What a source inherits is its own kind's; the keys of other kinds in the defaults are for others.
	cfg := check("kind: cards, from: box.txt")
	if got := *cfg.Sources["box"].Settings.(*Cards); got != (Cards{Between: "--", Side: "back"}) {
		t.Errorf("settings %+v", got)
	}
	if cards.Settings.(*Cards).Side != "front" {
		t.Error("a source has changed the defaults of its kind")
	}
	check("kind: card, from: box.txt", `did you mean "cards"?`)
	check("kind: cards, from: box.txt, side: edge", `is not one of front, back`)
	check("kind: cards, from: box.txt, divider: x", `did you mean "between"?`)
	check("kind: cards, from: box.txt, between: ''", "is empty; say what stands")
	check("kind: cards, from: box.txt, domain: a.example", "is not used by kind cards; it is for oai")
	check("kind: oai, from: 'https://a.example/oai', side: front", "is not used by kind oai; it is for cards")

	for _, want := range []string{`"cards"`, "What stands between two cards.", `"default": "--"`, "For kind jsonapi: The path in an item of its identifier"} {
		if schema := string(config.Schema(Configurable())); !strings.Contains(schema, want) {
			t.Errorf("the schema lacks %s", want)
		}
	}

	probe := func(content string) (*Proposal, error) {
		path := filepath.Join(t.TempDir(), "box.txt")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return Probe(t.Context(), &Place{Path: path})
	}
	p, err := probe("CARDS\nA letter\n")
	if err != nil {
		t.Fatal(err)
	}
	var proposed strings.Builder
	if err := p.Write(&proposed, ""); err != nil {
		t.Fatal(err)
	}
	if cfg, err := config.Parse("/sheaf.yaml", []byte(proposed.String()), config.Options{Kinds: Configurable()}); err != nil || cfg.Sources["box"].Settings.(*Cards).Side != "back" {
		t.Errorf("what is proposed is no configuration of the kind: %v\n%s", err, proposed.String())
	}
	if _, err := probe("<p>Nothing</p>"); err == nil || !strings.Contains(err.Error(), "is XML with the root p, and neither a MARC file, a file of records, a page that lists records nor a box of cards: It does not begin like a MARC record. It is XML, and no list of records. No rows were found on the page. It does not begin with CARDS.") {
		t.Errorf("a file of no kind: %v", err)
	}
	if k, err := Of("cards"); err != nil {
		t.Error(err)
	} else if _, err := k.Build("box", cfg.Sources["box"], nil); err == nil || err.Error() != "no more cards" {
		t.Errorf("another kind's source was made: %v", err)
	}
}

// TestKeysOfKinds: no key of a kind is one of every source too, or nobody could say which of them is meant.
func TestKeysOfKinds(t *testing.T) {
	var schema struct {
		Defs map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(config.Schema(nil), &schema); err != nil {
		t.Fatal(err)
	}
	common := schema.Defs["source"].Properties
	if common["from"] == nil {
		t.Fatalf("the keys of every source are %v", common)
	}
	for _, k := range table {
		if k.Settings == nil || k.Build == nil || k.What == "" || k.Probe == nil && !k.Sends || k.Code == "" || k.Sends != (k.Sent != nil) {
			t.Errorf("kind %s lacks something", k.Name)
		}
		for f := range reflect.TypeOf(k.Settings).Elem().Fields() {
			if key := f.Tag.Get("yaml"); key == "" || common[key] != nil {
				t.Errorf("kind %s has a key %q", k.Name, key)
			}
		}
	}
}
