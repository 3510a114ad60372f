package connectivity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"testing"
	"time"
)

// testCertificate is of nobody in particular.
func testCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}

	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// queuedPair is a queued connection and the server's end of it.
func queuedPair(t *testing.T, n *Network, secure bool) (*queuedConn, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // of the test
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	socket, err := n.dial(t.Context(), "tcp", nil, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	t.Cleanup(func() { _ = server.Close() })
	if !secure {
		return newQueuedConn(n, socket, socket), server
	}
	conn := tls.Client(socket, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the test's own server
	other := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{testCertificate(t)}, MinVersion: tls.VersionTLS12})
	handshake := make(chan error, 1)
	go func() { handshake <- other.Handshake() }()
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-handshake; err != nil {
		t.Fatal(err)
	}

	return newQueuedConn(n, socket, conn), other
}

const testMessage = 1000

func countedMessage(number int) []byte {
	message := bytes.Repeat([]byte{byte(number)}, testMessage)
	binary.BigEndian.PutUint32(message, uint32(number)) //nolint:gosec // small

	return message
}

func TestWritingToTCPNeverWaitsAndClosingItNeither(t *testing.T) {
	for name, secure := range map[string]bool{"TCP": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			n := newTestNetwork(t)
			conn, server := queuedPair(t, n, secure)
			// Nobody reads. All buffers of the system are full long before the end.
			begin := time.Now()
			const messages = 30_000
			for number := range messages {
				if written, err := conn.Write(countedMessage(number)); err != nil || written != testMessage {
					t.Fatalf("message %d: %d bytes, %v", number, written, err)
				}
			}
			conn.mu.Lock()
			waiting, dropped := conn.bytes, conn.counts.packetsDropped.Load()
			conn.mu.Unlock()
			if dropped == 0 || waiting > queueLimit {
				t.Errorf("%d messages were dropped, %d bytes wait", dropped, waiting)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			n.Close()
			n.Wait()
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if _, err := conn.Write(countedMessage(0)); err == nil {
				t.Error("a closed connection takes more")
			}
			_ = server
		})
	}
}

func TestWhatTCPDropsAreWholeMessagesAndTheNewest(t *testing.T) {
	for name, secure := range map[string]bool{"TCP": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			n := newTestNetwork(t)
			conn, server := queuedPair(t, n, secure)
			const messages = 20_000
			for number := range messages {
				if _, err := conn.Write(countedMessage(number)); err != nil {
					t.Fatal(err)
				}
			}
			conn.mu.Lock()
			dropped := int(conn.counts.packetsDropped.Load()) //nolint:gosec // small
			conn.mu.Unlock()
			if dropped == 0 {
				t.Fatal("nothing was dropped")
			}
			// It goes on where it stopped, once there is room.
			received := make([]byte, testMessage)
			for before, count := -1, 0; count < messages-dropped; count++ {
				if _, err := io.ReadFull(server, received); err != nil {
					t.Fatalf("after %d of %d messages: %v", count, messages-dropped, err)
				}
				number := int(binary.BigEndian.Uint32(received))
				if number <= before || !bytes.Equal(received, countedMessage(number)) {
					t.Fatalf("after message %d: %v", before, received[:8])
				}
				before = number
			}
			if _, err := conn.Write(countedMessage(messages)); err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			// What was given before Close arrives.
			if _, err := io.ReadFull(server, received); err != nil || !bytes.Equal(received, countedMessage(messages)) {
				t.Errorf("the last message: %v, %v", received[:8], err)
			}
		})
	}
}
