package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// The structs' own source: their comments are the schema's descriptions, so that what a librarian's
// editor shows and what a programmer reads cannot differ.
var (
	//go:embed config.go
	configSource string
	//go:embed source.go
	sourceSource string
	//go:embed sets.go
	setsSource string
	//go:embed webhooks.go
	webhooksSource string
	//go:embed openid.go
	openIDSource string
	//go:embed acme.go
	acmeSource string
	//go:embed keep.go
	keepSource string
	//go:embed tracing.go
	tracingSource string
)

type object = map[string]any

// Schema is the JSON Schema (draft 2020-12) of a configuration file with sources of these kinds, for editors. It says what keys
// there are and how values look; what one value demands of another only Check knows.
func Schema(kinds []Kind) []byte {
	code := []string{configSource, sourceSource, setsSource, webhooksSource, openIDSource, acmeSource, keepSource, tracingSource}
	for i := range kinds {
		code = append(code, kinds[i].Code)
	}
	s := schemer{kinds: kindNames(kinds), comments: comments(code...)}
	root := s.structure(configType, reflect.ValueOf(Default()).Elem())
	source := s.structure(sourceType, reflect.ValueOf(defaultSource()).Elem())
	properties := source["properties"].(object)
	for i := range kinds {
		k := &kinds[i]
		own := s.structure(k.settingsType(), reflect.ValueOf(k.Settings).Elem())
		for _, t := range k.keys() {
			mine := own["properties"].(object)[t.key].(object)
			had, known := properties[t.key].(object)
			if !known {
				properties[t.key] = mine
			} else if had["description"] != mine["description"] { // a key may mean something else for another kind
				had["description"] = fmt.Sprintf("%v For kind %s: %v", had["description"], k.Name, mine["description"])
			}
		}
	}
	shared := object{}
	d := decoder{options: Options{Kinds: kinds}}
	for _, f := range d.sourceKeys(nil) {
		if !f.own {
			shared[f.key] = object{"$ref": "#/$defs/source/properties/" + f.key}
		}
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "The configuration of Sheaf"
	source["description"] = "One place that records come from."
	root["$defs"] = object{
		"source": source,
		"shared": object{
			"description":          "What several sources share.",
			"type":                 "object",
			"properties":           shared,
			"additionalProperties": false,
		},
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("config: schema: " + err.Error())
	}
	return append(out, '\n')
}

// A schemer makes schemas of types.
type schemer struct {
	kinds    []string
	comments map[string]string // "Gateway.URL" to what its comment says
}

// structure is the schema of a struct; v holds its defaults.
func (s schemer) structure(t reflect.Type, v reflect.Value) object {
	properties := object{}
	for _, f := range fieldsOf(t) {
		field := t.Field(f.index)
		p := s.field(f, field.Type, v.Field(f.index))
		if text := s.comments[t.Name()+"."+field.Name]; text != "" {
			p["description"] = text
		}
		properties[f.key] = p
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

// field is the schema of what one key holds.
func (s schemer) field(f tags, t reflect.Type, v reflect.Value) object {
	switch { // a reader of events has a list that is called sources too
	case f.key == "defaults":
		return object{"$ref": "#/$defs/shared"}
	case f.key == "groups":
		return named(object{"$ref": "#/$defs/shared"}, "")
	case f.key == "sources" && t.Kind() == reflect.Map:
		return named(object{"$ref": "#/$defs/source"}, nameGrammar.String())
	}
	if t == reflect.TypeFor[map[string]*Set]() {
		o := named(s.field(f, t.Elem(), reflect.Value{}), nameGrammar.String())
		o["maxProperties"] = maxSets
		return o
	}
	if word := s.word(f, t); word != nil {
		if v.IsValid() && !v.IsZero() {
			word["default"] = written(v)
		}
		return word
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.field(f, t.Elem(), pointee(v, t))
	case reflect.Struct:
		return s.structure(t, v)
	case reflect.Slice:
		one := s.field(f, t.Elem(), reflect.Value{})
		return object{"anyOf": []any{one, object{"type": "array", "items": one, "maxItems": maxList}}}
	case reflect.Map:
		o := named(s.field(f, t.Elem(), reflect.Value{}), "")
		o["maxProperties"] = maxMap
		return o
	}
	panic("config: no schema for " + t.String())
}

// pointee is what v points to, or the defaults of what it could point to.
func pointee(v reflect.Value, t reflect.Type) reflect.Value {
	if v.IsValid() && !v.IsNil() {
		return v.Elem()
	}
	p := reflect.New(t.Elem())
	if d, ok := p.Interface().(interface{ setDefaults() }); ok {
		d.setDefaults()
	}
	return p.Elem()
}

// word is the schema of a value that is written as one word; nil for other types.
func (s schemer) word(f tags, t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return pattern(`^([0-9]+(w|d|h|m|s|ms))+$`)
	case reflect.TypeFor[Size]():
		o := pattern(`^[0-9]+ *([kKmMgGtT]i?)?[bB]?$`)
		o["type"] = []string{"string", "integer"}
		return o
	case reflect.TypeFor[TimeOfDay]():
		return pattern(`^[0-9]{1,2}:[0-9]{2}$`)
	case reflect.TypeFor[Window]():
		return pattern(`^[0-9]{1,2}:[0-9]{2} *[-–] *[0-9]{1,2}:[0-9]{2}$`)
	case reflect.TypeFor[Threshold]():
		return object{"type": []string{"string", "integer"}, "pattern": `^([0-9]+(\.[0-9]+)? *%|[0-9]+|never)$`, "minimum": 0}
	case reflect.TypeFor[netip.Prefix](), reflect.TypeFor[*time.Location](), reflect.TypeFor[Secret](), reflect.TypeFor[Mapping]():
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		o := object{"type": "integer"}
		if f.min != "" {
			o["minimum"], o["maximum"] = json.Number(f.min), json.Number(f.max)
		}
		return o
	case reflect.String:
		return s.text(f)
	}
	return nil
}

// text is the schema of a text, which people also write as a number or a truth value: YAML leaves
// quotes to taste.
func (s schemer) text(f tags) object {
	switch {
	case f.as == "kind":
		return object{"enum": s.kinds}
	case f.enum != nil:
		return object{"enum": f.enum}
	}
	o := object{"type": "string"}
	form, ok := forms[f.as]
	if !ok {
		o["type"] = []string{"string", "number", "boolean"}
	}
	if form.pattern != "" {
		o["pattern"] = form.pattern
	}
	if form.format != "" {
		o["format"] = form.format
	}
	return o
}

func pattern(re string) object { return object{"type": "string", "pattern": re} }

// named is the schema of a mapping from names; empty grammar for any.
func named(value object, grammar string) object {
	o := object{"type": "object", "additionalProperties": value}
	if grammar != "" {
		o["propertyNames"] = object{"pattern": grammar}
	}
	return o
}

// written is a default as it would stand in the file.
func written(v reflect.Value) any {
	switch d := v.Interface().(type) {
	case time.Duration:
		return FormatDuration(d)
	case interface{ String() string }:
		return d.String()
	default:
		return d
	}
}

// comments takes the comments of the fields of structs from Go source.
func comments(sources ...string) map[string]string {
	out := map[string]string{}
	for _, src := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
		if err != nil {
			panic("config: own source: " + err.Error())
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			t := g.Specs[0].(*ast.TypeSpec)
			if s, ok := t.Type.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					for _, name := range field.Names {
						out[t.Name.Name+"."+name.Name] = oneLine(field.Doc)
					}
				}
			}
		}
	}
	return out
}

// oneLine is the first paragraph of a comment: what follows is for programmers.
func oneLine(c *ast.CommentGroup) string {
	first, _, _ := strings.Cut(c.Text(), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}
