package letter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Padded is the file of the letter, brought to size bytes by a comment that no reader shows; a letter that is as long already stays as
// it is. Measurements need files of a known length: the length is exact but for the digits of one offset.
func (l Letter) Padded(size int) ([]byte, error) {
	var b bytes.Buffer
	if _, err := l.Write(&b); err != nil {
		return nil, err
	}
	doc := b.Bytes()
	pad := size - len(doc)
	if pad < 2 {
		return doc, nil
	}
	table := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	entries, _, ok := bytes.Cut(doc[table:], []byte("startxref\n"))
	if table == 0 || !ok {
		return nil, errors.New("the letter has no cross-reference table")
	}
	return fmt.Appendf(nil, "%s%%%s\n%sstartxref\n%d\n%%%%EOF\n", doc[:table], strings.Repeat(" ", pad-2), entries, table+pad), nil
}
