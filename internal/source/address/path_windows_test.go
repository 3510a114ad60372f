package address

import "testing"

func TestFileURLsOfWindows(t *testing.T) {
	for value, want := range map[string]string{
		`C:\a\b.mp4`:                `C:\a\b.mp4`,
		"C:/a/../b//c.mp4":          `C:\b\c.mp4`,
		"file:///C:/a/b%20c.mp4":    `C:\a\b c.mp4`,
		"file://localhost/C:/a.mp4": `C:\a.mp4`,
		`file:C:\a.mp4`:             `C:\a.mp4`,
		`\\host\share\a.mp4`:        `\\host\share\a.mp4`,
		"file://host/share/a.mp4":   `\\host\share\a.mp4`,
	} {
		if got, err := LocalPath(value); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", value, got, err, want)
		}
	}
	for _, value := range []string{`a\b.mp4`, `\a.mp4`, "/a.mp4", "C:a.mp4", "file:///a.mp4"} {
		if got, err := LocalPath(value); err == nil {
			t.Errorf("%q: %q; want an error", value, got)
		}
	}
}
