package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// More connections of an address than there may be, which say nothing or begin a form and never end it,
// keep the same address from nothing.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	g, _ := gatewayOf(t, 3, "limits: {allow: []}\n")
	address := g.Addresses().Bound
	dial := func(send string) net.Conn {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(c, send); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for i := range 600 {
		if i%2 == 0 {
			dial("")
		} else {
			dial("POST /oai HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\nverb=")
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(dial("GET /oai?verb=Identify HTTP/1.1\r\nHost: x\r\n\r\n")), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("beside 600 connections that wait: %v, %v", resp, err)
	}
	resp.Body.Close()
}
