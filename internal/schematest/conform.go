// Package schematest holds what tests see of the gateway's JSON to the schemas that it publishes.
package schematest

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
)

// Conform holds a value to a schema, of which it knows what ours use, and is stricter than the schema:
// a member that the schema doesn't name is a fault. It returns what is wrong.
func Conform(schema map[string]any, v any, path string) (faults []string) {
	wrong := func(format string, a ...any) { faults = append(faults, path+": "+fmt.Sprintf(format, a...)) }
	if c, ok := schema["const"]; ok && !reflect.DeepEqual(c, v) {
		wrong("is %v, not %v", v, c)
	}
	if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, v) {
		wrong("%v is none of %v", v, e)
	}
	switch v := v.(type) {
	case string:
		if t, ok := schema["type"]; ok && t != "string" {
			wrong("is a string, not %v", t)
		}
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			wrong("%q does not match %s", v, p)
		}
	case bool:
		if schema["type"] != "boolean" {
			wrong("is %v", v)
		}
	case float64:
		if schema["type"] != "number" && (schema["type"] != "integer" || v != float64(int64(v))) {
			wrong("is %v", v)
		}
	case []any:
		if schema["type"] != "array" {
			wrong("is a list")
			return faults
		}
		for i, e := range v {
			faults = append(faults, Conform(schema["items"].(map[string]any), e, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		if schema["type"] != "object" {
			wrong("is an object")
			return faults
		}
		required, _ := schema["required"].([]any)
		for _, r := range required {
			if _, ok := v[r.(string)]; !ok {
				wrong("lacks %s", r)
			}
		}
		properties, _ := schema["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			sub, ok := properties[name].(map[string]any)
			if !ok {
				sub, ok = schema["additionalProperties"].(map[string]any)
			}
			if !ok {
				wrong("has %s, which the schema doesn't name", name)
				continue
			}
			faults = append(faults, Conform(sub, v[name], path+"."+name)...)
		}
	default:
		wrong("is %v", v)
	}
	return faults
}
