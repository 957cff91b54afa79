package pades_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"absah/pades"
)

// TestChangePlaces: a change names the page and the rectangle where it shows, or the page alone where all of it changed.
func TestChangePlaces(t *testing.T) {
	for name, want := range map[string]struct {
		code string
		rect []float64
	}{
		"eaa-freetext":       {"annotation-added", []float64{60, 705, 460, 740}},
		"eaa-stamp":          {"annotation-covers", []float64{60, 705, 460, 740}},
		"change-field-moved": {"field-changed", []float64{60, 710, 460, 740}},
		"change-cropped":     {"page-changed", nil},
	} {
		doc, err := os.ReadFile(filepath.Join("..", "vectors", name+".pdf"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := pades.Gather(t.Context(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
		if err != nil {
			t.Fatal(err)
		}
		changes := e.Signatures[0].Changes
		i := slices.IndexFunc(changes, func(c pades.Change) bool { return c.Code == want.code })
		if i < 0 {
			t.Errorf("%s: no %s among %+v", name, want.code, changes)
			continue
		}
		var rect []float64
		if r := changes[i].Rect; r != nil {
			rect = r[:]
		}
		if changes[i].Page != 1 || !slices.Equal(rect, want.rect) {
			t.Errorf("%s: page %d, %v, want page 1, %v", name, changes[i].Page, rect, want.rect)
		}
	}
}
