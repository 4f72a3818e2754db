//go:build !race

package app_test

// raced says that the race detector slows the tests down.
const raced = false
