// Package control gives commands to the process that has a data folder open, and answers them there: a gateway
// that runs, or a command that has opened the folder for itself. So a command never has to know which of the
// two it talks to.
//
// Commands are HTTP over a Unix socket in the data folder (socket.go). Every answer is JSON; those that go on for
// a while are one JSON value a line. An error is {"error": "…"}, with a status that is not 200 or as such a line.
//
// Each command is in a file of its own: what it answers, its handler, and the method of [Client] that asks for
// it. A new one is such a file and a row in the routes of server.go. [Gateway] lists what commands need of the
// process that answers them.
package control
