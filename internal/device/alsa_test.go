package device

import (
	"os"
	"path/filepath"
	"testing"
)

func TestALSAListsWhatIsADevice(t *testing.T) {
	for _, test := range []struct {
		name               string
		card, opens, lists bool
	}{
		{name: ":0,0", lists: true},
		{name: "default", lists: false},
		{name: "default", card: true, lists: true},
		{name: "default", opens: true, lists: true},
		{name: "null", opens: true},
		{name: "", opens: true},
		{name: "lavrate", opens: true, card: true},
		{name: "samplerate", opens: true, card: true},
		{name: "speexrate", opens: true, card: true},
		{name: "speex", opens: true, card: true},
		{name: "upmix", opens: true, card: true},
		{name: "vdownmix", opens: true, card: true},
		{name: "usbstream:CARD=PCH", opens: true},
		{name: "pulse", opens: true, card: true},
		{name: "jack", opens: true, card: true},
		{name: "oss", opens: true, card: true},
		{name: "pipewire", card: true},
		{name: "pipewire", opens: true, lists: true},
		{name: "filemic", lists: true},
	} {
		if got := alsaLists(test.name, test.card, func() bool { return test.opens }); got != test.lists {
			t.Errorf("%+v: listed: %v", test, got)
		}
	}
}

// alsaNames lists what ALSA has under a configuration; empty is the system's.
func alsaNames(t *testing.T, config string) map[string]bool {
	t.Helper()
	if config != "" {
		path := filepath.Join(t.TempDir(), "asound.conf")
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("ALSA_CONFIG_PATH", path)
	}
	context, err := ALSA.open()
	if err != nil {
		t.Skip(err)
	}
	defer closeContext(context)
	names := make(map[string]bool)
	for _, info := range ALSA.list(context) {
		names[info.ID] = true
	}
	return names
}

func TestPlugInsOfALSAAreNoMicrophones(t *testing.T) {
	// Whether libasound2-plugins is installed or not.
	for name := range alsaNames(t, "") {
		switch name {
		case "alsa:lavrate", "alsa:samplerate", "alsa:speexrate", "alsa:speex", "alsa:upmix", "alsa:vdownmix", "alsa:pulse":
			t.Errorf("%s is listed", name)
		}
	}
}

func TestWhatTheUserNamesInALSAIsListed(t *testing.T) {
	names := alsaNames(t, `
pcm.mine { type null hint { show on description "mine" } }
pcm.upmix { type null hint { show on description "a converter" } }
pcm.jack { type hw card 31 hint { show on description "a server that is not there" } }
`)
	if len(names) != 1 || !names["alsa:mine"] {
		t.Errorf("listed: %v", names)
	}
}
