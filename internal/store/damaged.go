package store

import "errors"

// ErrDamaged says that what is in a log can't be right. What to do is in the text around it.
var ErrDamaged = errors.New("the log is damaged")
