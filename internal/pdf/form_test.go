package pdf

import (
	"fmt"
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	for name, c := range map[string]struct {
		fields  string
		objects []string // 10 and up
		want    string   // name type flags value value-in widgets
		notes   string
	}{
		"merged":           {"10 0 R", []string{"<</Subtype/Widget/FT/Tx/T(nama)/V(Budi)/Ff 2>>"}, "nama Tx 2 Budi@10 [10]", ""},
		"separate-widget":  {"10 0 R", []string{"<</FT/Sig/T(ttd)/V 12 0 R/Kids[11 0 R]>>", "<</Subtype/Widget/Parent 10 0 R>>", "<</Type/Sig>>"}, "ttd Sig 0 {12 0}@10 [11]", ""},
		"several-widgets":  {"10 0 R", []string{"<</FT/Sig/T(ttd)/Kids[11 0 R 12 0 R]>>", "<</Subtype/Widget>>", "<</Subtype/Widget>>"}, "ttd Sig 0 <nil>@0 [11 12]", ""},
		"inherited":        {"10 0 R", []string{"<</T(a)/FT/Tx/Ff 4096/V(x)/Kids[11 0 R 12 0 R]>>", "<</T(b)/Subtype/Widget>>", "<</T(c.d)/V(y)/Ff 0/Subtype/Widget>>"}, "a.b Tx 4096 x@10 [11] | a.c.d Tx 0 y@12 [12]", ""},
		"value-in-widget":  {"10 0 R", []string{"<</T(a)/Kids[11 0 R]>>", "<</FT/Sig/V 12 0 R/Subtype/Widget>>", "<</Type/Sig>>"}, "a Sig 0 {12 0}@11 [11]", ""},
		"direct-value":     {"10 0 R", []string{"<</T(a)/FT/Sig/V<</Type/Sig>>>>"}, "a Sig 0 map[Type:Sig]@10 []", ""},
		"direct-field":     {"<</T(a)/FT/Tx>>", nil, "a Tx 0 <nil>@0 []", ""},
		"unsigned":         {"10 0 R", []string{"<</T(a)/FT/Sig/V null>>"}, "a Sig 0 <nil>@0 []", ""},
		"dangling":         {"10 0 R", []string{"<</T(a)/FT/Sig/V 77 0 R>>"}, "a Sig 0 <nil>@0 []", ""},
		"unreadable-value": {"10 0 R", []string{"<</T(a)/FT/Sig/V 11 0 R>>", "<</Type/Sig/Contents(00"}, "a Sig 0 {11 0}@10 []", "object-misplaced"},
		"utf16-name":       {"10 0 R", []string{"<</T<FEFF00E9002E0041>/FT/Tx>>"}, "é.A Tx 0 <nil>@0 []", ""},
		"reached-twice":    {"10 0 R 10 0 R", []string{"<</T(a)/FT/Tx>>"}, "a Tx 0 <nil>@0 []", "field-twice"},
		"circle":           {"10 0 R", []string{"<</T(a)/FT/Tx/Kids[11 0 R]>>", "<</T(b)/Kids[10 0 R 12 0 R]>>", "<</T(c)>>"}, "a.b.c Tx 0 <nil>@0 []", "field-twice"},
		"shared-widget":    {"10 0 R 11 0 R", []string{"<</T(a)/FT/Tx/Kids[12 0 R]>>", "<</T(b)/FT/Tx/Kids[12 0 R]>>", "<</Subtype/Widget>>"}, "a Tx 0 <nil>@0 [12] | b Tx 0 <nil>@0 []", "field-twice"},
		"kid-listed":       {"11 0 R", []string{"<</T(a)/FT/Sig/V 12 0 R/Kids[11 0 R]>>", "<</T(b)/Parent 10 0 R/Subtype/Widget>>", "<</Type/Sig>>"}, "a.b Sig 0 {12 0}@10 [11]", ""},
		"parent-circle":    {"10 0 R", []string{"<</T(a)/FT/Tx/Parent 10 0 R>>"}, "a Tx 0 <nil>@0 []", ""},
		"not-fields":       {"null (x) 5 77 0 R", nil, "", ""},
	} {
		d := newDraft()
		d.obj(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields["+c.fields+"]>>>>")
		d.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
		d.obj(3, "<</Type/Page>>")
		for i, o := range c.objects {
			d.obj(10+i, o)
		}
		f := open(t, d.table("/Root 1 0 R/Size 20").Bytes())
		fields, err := f.Latest().Fields()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, x := range fields {
			var widgets []uint32
			for _, w := range x.Widgets {
				widgets = append(widgets, w.Num)
			}
			got = append(got, fmt.Sprintf("%s %s %d %v@%d %v", x.FullName, x.Type, x.Flags, x.Value, x.ValueIn.Num, widgets))
		}
		if s := strings.Join(got, " | "); s != c.want || codes(f) != c.notes {
			t.Errorf("%s: Fields() = %q, notes %q, want %q, notes %q", name, s, codes(f), c.want, c.notes)
		}
	}
}
