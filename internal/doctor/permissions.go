package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/sheaf-gateway/sheaf/internal/machine"
)

// Permissions looks at who may read the data folder, and whether all that is in it belongs to the user it belongs to: a
// command that root gave may have left a file that the gateway can't write.
func Permissions(dir string) Finding {
	f := Finding{Check: "permissions", Found: "the data folder is closed to other users, and everything in it is of one user"}
	info, err := os.Stat(dir)
	if err != nil {
		f.Advice = err.Error()
		return f
	}
	if info.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		f.Advice = fmt.Sprintf("every user of this machine may look into %s, which holds a key and addresses of harvesters; chmod o= %[1]s", dir)
		return f
	}
	owner, known := machine.Owner(info)
	if !known {
		return f
	}
	strangers, one := 0, ""
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // it went away, or what is above it is counted
		}
		if info, err := e.Info(); err == nil {
			if of, known := machine.Owner(info); known && of != owner {
				strangers, one = strangers+1, path
			}
		}
		return nil
	})
	if strangers > 0 {
		f.Advice = fmt.Sprintf("%d files are not of the user that has the data folder, so that the gateway may fail to write them; the last one is %s; chown -R --reference=%s %[3]s, and give commands as that user",
			strangers, one, dir)
	}
	return f
}
