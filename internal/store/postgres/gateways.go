package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Some formats name the gateway where a record lacks a provider or a page of its own. Each record says for
// which gateway it is written (pipeline.Formats): that which had the log when it was mapped. So another
// name or address changes nothing that is served until a remap asks for it. meta has what the log's gateway
// was called at any time as gateway_<number>, in JSON; the first has number 0.

const gatewayMeta = "gateway_"

// Gateway is the number of a gateway in this log; a new one if it has none yet. It must be called before
// anything is served.
func (s *Store) Gateway(ctx context.Context, g pipeline.Gateway) (int, error) {
	all := *s.gateways.Load()
	if n := slices.Index(all, g); n >= 0 {
		return n, nil
	}
	n := -1
	err := s.writer.do(ctx, func(conn *db) error {
		if _, err := s.lockHead(conn); err != nil { // another process may be giving out the same number
			return err
		}
		if err := s.loadGateways(conn); err != nil {
			return err
		}
		all = *s.gateways.Load()
		if n = slices.Index(all, g); n >= 0 {
			return nil
		}
		n = len(all)
		b, err := json.Marshal(g)
		if err != nil {
			return err
		}
		return setMeta(conn, gatewayMeta+strconv.Itoa(n), string(b))
	})
	if err != nil {
		return 0, fmt.Errorf("note what the gateway is called: %w", err)
	}
	if n == len(all) {
		all = append(slices.Clip(all), g)
		s.gateways.Store(&all)
	}
	return n, nil
}

func (s *Store) loadGateways(conn *db) error {
	byNumber := map[int]pipeline.Gateway{}
	err := each(conn, "SELECT name, value FROM meta WHERE "+metaBeginning, []any{gatewayMeta}, func(r *tuple) error {
		var g pipeline.Gateway
		n, err := strconv.Atoi(strings.TrimPrefix(r.ColumnText(0), gatewayMeta))
		if err != nil {
			return err
		}
		err = json.Unmarshal(columnBytes(r, 1), &g)
		byNumber[n] = g
		return err
	})
	if err != nil {
		return fmt.Errorf("read what the gateway was called: %w", err)
	}
	all := make([]pipeline.Gateway, len(byNumber))
	for n, g := range byNumber {
		if n < 0 || n >= len(all) {
			return fmt.Errorf("read what the gateway was called: there is number %d among %d", n, len(all))
		}
		all[n] = g
	}
	s.gateways.Store(&all)
	return nil
}

// Gateway is what the gateway was called under a number. A number never gets another meaning, so the ones that
// this process knows need not be read again.
func (v *view) Gateway(number int) (*pipeline.Gateway, error) {
	if known := *v.store.gateways.Load(); number < len(known) {
		return &known[number], nil
	}
	text, err := metaText(v.conn, gatewayMeta+strconv.Itoa(number))
	if err != nil || text == "" {
		return nil, err
	}
	g := &pipeline.Gateway{}
	return g, json.Unmarshal([]byte(text), g)
}
