package peer

import (
	"fmt"
	"strings"
	"testing"
)

func TestPasswordsAreHiddenWhereverTheyAre(t *testing.T) {
	var secrets Secrets
	if got := secrets.Hide("a line"); got != "a line" {
		t.Errorf("without passwords: %q", got)
	}
	secrets.Add("hunter2", "hunter2-and-more", "", "abc")
	for line, want := range map[string]string{
		`remotePwd: "hunter2"`:                    `remotePwd: "…"`,
		"hunter2-and-more, hunter2hunter2":        "…, ……",
		"abc is too short to be told from a word": "abc is too short to be told from a word",
	} {
		if got := secrets.Hide(line); got != want {
			t.Errorf("%q became %q", line, got)
		}
	}
}

func TestTheNewestPasswordsAreRemembered(t *testing.T) {
	var secrets Secrets
	secrets.addServers([]ICEServer{{Credential: "of-the-server"}})
	secrets.Add("password-in-use")
	for i := range 10 * mostSecrets {
		secrets.Add(fmt.Sprintf("password-%04d", i), "password-in-use")
	}
	for _, password := range []string{"of-the-server", "password-in-use"} {
		if got := secrets.Hide(password); got != "…" {
			t.Errorf("it is in use still: %q", got)
		}
	}
	if got := secrets.Hide(fmt.Sprintf("password-%04d", 10*mostSecrets-1)); got != "…" {
		t.Errorf("the last is %q", got)
	}
	if len(secrets.values) != mostSecrets {
		t.Errorf("%d are remembered", len(secrets.values))
	}
}

// What pion says of a connection has neither side's password, of a restart neither.
func TestALogHasNoPasswordOfICE(t *testing.T) {
	secrets := &Secrets{}
	p, err := New(Options{Secrets: secrets, ICEServers: []ICEServer{
		{URLs: []string{"turn:127.0.0.1:1?transport=tcp"}, Username: "ann", Credential: "of-the-server"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	// Not while it gathers: pion reads its servers without a lock then.
	if err := p.SetICEServers([]ICEServer{{URLs: []string{"turn:127.0.0.1:1?transport=tcp"}, Username: "ann", Credential: "given-later"}}); err != nil {
		t.Fatal(err)
	}
	remote := Remote{
		ICE: ICEParameters{UsernameFragment: "user", Password: "password-of-some-length", Lite: true}, Role: "server",
		Fingerprints: []Fingerprint{{Algorithm: "sha-256", Value: "AB"}},
	}
	if err := p.Connect(remote); err != nil {
		t.Fatal(err)
	}
	local := attributeOf(p.pc.LocalDescription().SDP, "ice-pwd")
	restarted := ICEParameters{UsernameFragment: "other", Password: strings.Repeat("restarted", 3), Lite: true}
	if err := p.RestartICE(restarted); err != nil {
		t.Fatal(err)
	}
	later := attributeOf(p.pc.LocalDescription().SDP, "ice-pwd")
	for _, password := range []string{
		local, later, remote.ICE.Password, restarted.Password, "of-the-server", "given-later",
	} {
		if len(password) < leastSecret || secrets.Hide(password) != "…" {
			t.Errorf("%q is not hidden", password)
		}
	}
}
