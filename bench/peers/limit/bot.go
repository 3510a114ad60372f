package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

const (
	// headerSize is with an extension of abs-send-time and transport-wide number, as most packets have.
	headerSize = 12 + 4 + 8
	// roomForTag is what encryption adds at the most.
	roomForTag = 20
)

var profiles = map[string]srtp.ProtectionProfile{
	"SRTP_AEAD_AES_256_GCM":       srtp.ProtectionProfileAeadAes256Gcm,
	"SRTP_AEAD_AES_128_GCM":       srtp.ProtectionProfileAeadAes128Gcm,
	"SRTP_AES128_CM_HMAC_SHA1_80": srtp.ProtectionProfileAes128CmHmacSha1_80,
}

// bot is a socket, keys, and two streams.
type bot struct {
	conn    *net.UDPConn
	context *srtp.Context
	header  rtp.Header
	// sequences are of sound and video.
	sequences [2]uint16
}

func newBot(port int, profile string) (*bot, error) {
	p, ok := profiles[profile]
	if !ok {
		return nil, fmt.Errorf("profile %q is not known", profile)
	}
	keySize, err := p.KeyLen()
	if err != nil {
		return nil, fmt.Errorf("size of keys: %w", err)
	}
	saltSize, err := p.SaltLen()
	if err != nil {
		return nil, fmt.Errorf("size of salts: %w", err)
	}
	secret := make([]byte, keySize+saltSize)
	_, _ = rand.Read(secret)
	b := &bot{}
	if b.context, err = srtp.CreateContext(secret[:keySize], secret[keySize:], p); err != nil {
		return nil, fmt.Errorf("making keys: %w", err)
	}
	if b.conn, err = net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}); err != nil {
		return nil, fmt.Errorf("opening a socket: %w", err)
	}

	return b, nil
}

// send writes a packet of payload, with buffer to build it in.
func (b *bot) send(buffer, payload []byte, video, marker bool, timestamp uint32) (int, error) {
	stream := 0
	buffer[0], buffer[1] = 0x90, 111
	if video {
		stream = 1
		buffer[1] = 102
	}
	if marker {
		buffer[1] |= 0x80
	}
	sequence := b.sequences[stream]
	b.sequences[stream]++
	binary.BigEndian.PutUint16(buffer[2:], sequence)
	binary.BigEndian.PutUint32(buffer[4:], timestamp)
	binary.BigEndian.PutUint32(buffer[8:], uint32(1000+stream)) //nolint:gosec // 0 or 1
	copy(buffer[12:headerSize], []byte{0xbe, 0xde, 0, 2, 0x42, 0, 0, 0, 0x51, 0, byte(sequence), 0})
	size := headerSize + copy(buffer[headerSize:], payload)
	encrypted, err := b.context.EncryptRTP(buffer, buffer[:size], &b.header)
	if err != nil {
		return 0, fmt.Errorf("encrypting: %w", err)
	}
	if _, err = b.conn.Write(encrypted); err != nil {
		return 0, fmt.Errorf("sending: %w", err)
	}

	return len(encrypted), nil
}
