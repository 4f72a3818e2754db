package machine

const (
	// assumedFiles is what is safe to assume where the system can't be asked.
	assumedFiles = 1024
	// mostFiles stands for a limit that is none.
	mostFiles = 1 << 20
)
