package store

import "errors"

// ErrDamaged says that what is in a log can't be right. What to do is in the text around it.
var ErrDamaged = errors.New("the log is damaged")

// ErrNewer says that only a newer program may write or serve a log.
var ErrNewer = errors.New("the data folder was written by a newer Sheaf, and this one is too old for it; install the newer one again")
