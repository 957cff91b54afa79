package pdf

// UnderRace reports that the race detector slows the tests down.
const UnderRace = race

// Rescan opens the file once more as a viewer does that distrusts its cross reference: every object that a reading of the whole
// file finds, the last one of each number counting. Where the two differ, viewers may show different documents.
func (f *File) Rescan() (*File, error) {
	g := &File{r: f.r, memory: f.memory, size: f.size, header: f.header, version: f.version, limits: f.limits, views: map[int]*View{}}
	if err := g.repair(); err != nil {
		return nil, err
	}
	if f.crypt != nil && g.Latest().trailerValue("Encrypt") != nil {
		g.crypt = f.crypt
		if err := g.keyKnown(); err != nil {
			return nil, err
		}
	}
	if _, _, err := g.Latest().Catalog(); err != nil {
		return nil, err
	}
	return g, nil
}
