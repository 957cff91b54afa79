package pdf

// UnderRace reports that the race detector slows the tests down.
const UnderRace = race
