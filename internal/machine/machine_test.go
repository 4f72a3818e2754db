package machine

import "testing"

func TestMachine(t *testing.T) {
	if n := OpenFiles(); n < 16 || n > mostFiles {
		t.Errorf("%d open files", n)
	}
	if n, ok := FreeBytes(t.TempDir()); ok && n <= 0 {
		t.Errorf("%d bytes are free", n)
	}
	if _, ok := FreeBytes("/there/is/no/such/folder"); ok {
		t.Error("a folder that is not there has room")
	}
}
