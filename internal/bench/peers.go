package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// metha is the program of https://github.com/miku/metha that harvests.
var metha = flag.String("metha", "", "with -compare, or the part peers: the program metha-sync")

// peerRecords bounds how many records they fetch: the slowest take minutes for more.
const peerRecords = 20_000

// A peer is another harvester, as a command that fetches everything from the source in oai_dc, once.
type peer struct {
	name    string
	command []string
}

// peers has other harvesters fetch the same records as the gateway has, from a source like its own. They keep files: they map
// nothing, compare nothing and publish nothing.
func (b *bench) peers(ctx context.Context) error {
	if err := b.settled(ctx); err != nil { // the machine is theirs
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	from := &provider{records: min(b.records, peerRecords), page: pageSize, base: "http://" + l.Addr().String() + "/oai"}
	source := &http.Server{Handler: from}
	go source.Serve(l)
	defer source.Close()
	var all []peer
	if path, err := exec.LookPath("catmandu"); err == nil {
		all = append(all, peer{"Catmandu, which writes JSON", []string{path, "convert", "OAI", "--url", from.base, "--metadataPrefix", "oai_dc", "to", "JSON", "--line_delimited", "1"}})
	} else {
		b.add("Catmandu is not there (Debian: libcatmandu-oai-perl)", 0, "")
	}
	if *metha != "" {
		all = append(all, peer{"metha, which keeps the XML", []string{*metha, "-format", "oai_dc", "-no-intervals", from.base}})
	} else {
		b.add("metha: -metha PATH names its metha-sync", 0, "")
	}
	for i := range all {
		if err := b.peer(ctx, &all[i], from); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) peer(ctx context.Context, p *peer, from *provider) error {
	dir, err := os.MkdirTemp(b.dir, "peer-")
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, "records"))
	if err != nil {
		return err
	}
	defer out.Close()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+dir, "METHA_DIR="+dir)
	cmd.Stdout, cmd.Stderr = out, &said
	served, start := from.served.Load(), time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("harvest with %s: %w: %s", p.name, err, bytes.TrimSpace(said.Bytes()))
	}
	rate := float64(from.records) / time.Since(start).Seconds()
	if got := from.served.Load() - served; got != int64(from.records) {
		return fmt.Errorf("harvest with %s: it fetched %d records of %d", p.name, got, from.records)
	}
	b.add("harvest with "+p.name, rate, "records/s")
	b.add("  processor, without the source", (cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()*1e6/float64(from.records), "µs/record")
	b.add("  the gateway, until every event is acknowledged ÷ "+p.name, b.harvested/rate, ratioUnit)
	return nil
}
