// Package wording fits texts to where they are shown: it shortens them, finds the word that was meant, says a thing
// once, and writes JSON strings. It stores nothing. Public packages may use it, as none of its types stands in a signature.
package wording
