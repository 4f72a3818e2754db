package observe

import (
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Process registers what there is to know of the process: its version, memory, goroutines, files.
func Process(r prometheus.Registerer, version string) {
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sheaf_build_info",
		Help: "1, labelled with the version, the commit that it was built from (empty if not known), and the version of Go."}, []string{"version", "revision", "goversion"})
	build.WithLabelValues(version, revision(), runtime.Version()).Set(1)
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
}

func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
