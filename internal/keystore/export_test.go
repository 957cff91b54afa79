package keystore

// Cheap lowers the cost of new sealings: tests make many, and the cost travels with each.
func Cheap() (restore func()) {
	old := standard
	standard = cost{1, 64, 1}
	return func() { standard = old }
}

// FillGate occupies every place of the gate.
func FillGate() (free func()) {
	old := derivations
	derivations = newGate(1, 0)
	if err := derivations.enter(); err != nil {
		panic(err)
	}
	return func() { derivations = old }
}

// Inside is the key of a handle.
func Inside(h *Handle) any { return h.key }
