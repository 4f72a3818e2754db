package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

// TestEpoch: beside a gateway and without one, the command begins a new epoch, in which everything is still there.
func TestEpoch(t *testing.T) {
	folder(t, map[string]string{"sheaf.yaml": clockConfig, "letters.txt": "1 May 1957\nA letter\n"})
	clock := storetest.NewClock()
	_, stop := gatewayWith(t, clock)
	want(t, exitDone, "harvest", "letters")
	epoch := func() int64 {
		var status struct{ Cursor string }
		if err := json.Unmarshal([]byte(sheaf(t, "status", "--json").stdout), &status); err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(status.Cursor, ".")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	was := epoch()
	if r := want(t, exitDone, "epoch", "--take-over"); !strings.Contains(r.stdout, "has begun at") {
		t.Errorf("it says %s", r.stdout)
	}
	beside := epoch()
	stop()
	want(t, exitDone, "epoch")
	if without := epoch(); was == 0 || beside <= was || without <= beside {
		t.Errorf("epochs %d, then %d beside a gateway, then %d without", was, beside, without)
	}
	if r := want(t, exitDone, "export"); strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("there is %s", r.stdout)
	}
}
