package remote

import (
	"bytes"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileOfCertificatesIsAsLargeAsItMayBe(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for size, fits := range map[int]bool{mostCAFile: true, mostCAFile + 1: false} {
		file := filepath.Join(t.TempDir(), "roots.pem")
		text := append(roots, bytes.Repeat([]byte("\n"), size-len(roots))...)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readRoots(file); fits != (err == nil) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
