package wire

// Build is what the core is made of.
type Build struct {
	// Go is the version of its compiler.
	Go string `json:"go"`
	// Modules are Go's, Libraries the C libraries that are linked in.
	Modules   []Component `json:"modules"`
	Libraries []Component `json:"libraries"`
	// Encoders are the MIME types that pictures and sound are encoded to. Others can be
	// sent only as a source holds them.
	Encoders []string `json:"encoders"`
	// Hardware is what may encode as well.
	Hardware []HardwareEncoder `json:"hardware"`
	// Authorities says that there are certificate authorities to verify servers against.
	Authorities bool `json:"authorities"`
}

// HardwareEncoder is a kind of hardware that encodes a codec. Refused is why it does not here, empty where it does.
type HardwareEncoder struct {
	MimeType string `json:"mimeType"`
	Name     string `json:"name"`
	Refused  string `json:"refused"`
}

// Component is a part of a Build.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// CrashFile is where Go's last words go to, after Head.
type CrashFile struct {
	File string `json:"file"`
	Head string `json:"head"`
}

// CrashReports is where they do go to: a process has one file, which whoever asked first has named.
type CrashReports struct {
	File string `json:"file"`
}
