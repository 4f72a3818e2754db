package config

// checkBackup finds copies that would lie where the gateway keeps its own files, or that nobody makes.
func (d *decoder) checkBackup(root *node, c *Config) {
	f := root.field("backup")
	if f == nil || f.value.shape != mapping {
		return
	}
	switch c.Backup.To {
	case "":
		d.problem(f.value.place, "backup", "needs to: the folder of the copies, on another disk if there is one")
	case c.Data:
		d.problem(root.where("backup", "to"), "backup.to", "is the data folder; name another one, or one in it, such as backup")
	}
}
