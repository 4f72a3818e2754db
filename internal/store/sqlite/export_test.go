package sqlite

// SmallBlocks has every seq be a block of its own, so that what touches one does not hide that another
// is not touched.
func (s *Store) SmallBlocks() { s.moves.block = 1 }
