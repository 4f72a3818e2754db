package files

import (
	"fmt"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/ead"
	"github.com/sheaf-gateway/sheaf/harvest"
)

// Words of [Documents.Components] beside the levels that finding aids name.
const (
	allComponents    = "all"
	lowestComponents = "lowest"
)

// findingAid cuts a finding aid into records: the collection, and the components that were chosen. The identifier of a
// component is that of the finding aid, a slash, and its own key (see package ead).
func (c *cutter) findingAid(body []byte) error {
	f := harvest.Format{Prefix: "ead", Namespace: c.scan.Space()}
	c.form.look.findingAid()
	aid, err := ead.Read(body)
	if err != nil {
		m := unfit(f, c.place, "", body, reasonOf(err), "%v", err)
		m.short = true
		return c.x.tell(m)
	}
	key := aid.ID()
	if c.form.Key != "" {
		key = xmlAt(aid.Collection(), c.form.Key)
	}
	c.form.look.unnamed(key == "")
	c.n = 1
	if err := c.tell(f, c.place+"#1", key, aid.Collection()); err != nil || key == "" && c.form.look == nil {
		return err // what has no identifier gives its components none
	}
	for component := range aid.Components() {
		if c.n++; c.form.look == nil && !c.form.chooses(&component) {
			continue
		}
		if err := c.tell(f, fmt.Sprintf("%s#%d", c.place, c.n), key+"/"+component.Key, component.Original); err != nil {
			return err
		}
	}
	return nil
}

// chooses reports whether a component becomes a record.
func (d *Documents) chooses(c *ead.Component) bool {
	return slices.Contains(d.Components, allComponents) || c.Level != "" && slices.Contains(d.Components, c.Level) ||
		c.Lowest && slices.Contains(d.Components, lowestComponents)
}

// checkComponents says what can't work.
func (d *Documents) checkComponents() error {
	switch {
	case slices.Contains(d.Components, ""):
		return fmt.Errorf("components: an empty word; all, lowest, or the levels that the finding aids name, such as series and file")
	case len(d.Components) > 0 && d.Records != "":
		return fmt.Errorf("components: can't be together with records:, which cuts the file otherwise")
	case len(d.Components) > 1 && slices.Contains(d.Components, allComponents):
		return fmt.Errorf("components: all means every level, so no other word can stand beside it")
	}
	return nil
}
