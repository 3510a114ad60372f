package fetch

import "bytes"

// Declarations finds the declarations of a document type in XML that is read
// piece by piece. Manifests need none, and their entities are what parsers are
// attacked with: one that refers to itself, or to a thousand others.
type Declarations struct {
	// tail is the end of what was seen, which may be the beginning of one.
	tail []byte
}

// Found reports whether one ends in piece.
func (d *Declarations) Found(piece []byte) bool {
	text := append(d.tail, piece...)
	for _, begin := range []string{"<!DOCTYPE", "<!ENTITY"} {
		if bytes.Contains(text, []byte(begin)) {
			return true
		}
	}
	const longest = len("<!DOCTYPE") - 1
	d.tail = append([]byte(nil), text[max(len(text)-longest, 0):]...)
	return false
}

// IsXML reports whether what begins with head is XML, of which manifests are made.
func IsXML(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}
