// Package config reads the configuration: one YAML file, which may include others.
//
// Everything that is wrong is found at once, each Problem with file, line, column and what to do
// about it; a key that is not known is refused, because a misspelt key is a setting that silently
// does nothing. The structs of this package are the reference of what can be set: their comments are
// the descriptions in the JSON Schema (Schema) that editors complete from, and Default holds every
// default.
//
// A file is read in four steps, each a file of this package or two:
//
//   - tree.go: bytes to a tree of nodes that know where they stand; bounded before it is parsed.
//   - include.go: the files that a file includes, put together into one tree.
//   - inherit.go: what a source does not say itself comes from its group, then from the defaults.
//   - decode.go: the tree into the structs; check.go and checksource.go: what one value says of another.
//
// The package reads files and touches nothing: no folder is made, no address is bound, no source asked.
package config
