package memory

// SmallBlocks has every seq be a block of its own, so that what touches one does not hide that another
// is not touched.
func (l *Log) SmallBlocks() { l.moves.Block = 1 }
