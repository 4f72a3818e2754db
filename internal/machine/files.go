package machine

const (
	// assumedFiles is a number that is safe to assume if the system can't be asked.
	assumedFiles = 1024
	// mostFiles is returned if the system sets no limit.
	mostFiles = 1 << 20
)
