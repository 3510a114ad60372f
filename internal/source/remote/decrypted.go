package remote

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// decryptedChunk is how much is decrypted at a time.
const decryptedChunk = 32 << 10

// decrypted is a resource in AES-128-CBC with PKCS #7 padding, as HLS has them
// (RFC 8216, section 5.2). It is read from the beginning to the end.
type decrypted struct {
	av.Resource
	mode cipher.BlockMode
	in   []byte
	// filled is how much of in was read.
	filled int
	// out is what waits to be read.
	out  []byte
	over bool
}

func newDecrypted(resource av.Resource, key, iv string) (*decrypted, error) {
	k, err := hex.DecodeString(key)
	if err != nil || len(k) != aes.BlockSize {
		return nil, errors.New("the playlist's key has not 16 bytes")
	}
	v, err := hex.DecodeString(iv)
	if err != nil || len(v) != aes.BlockSize {
		return nil, errors.New("the playlist's IV has not 16 bytes")
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("decrypt a segment: %w", err)
	}
	return &decrypted{Resource: resource, mode: cipher.NewCBCDecrypter(block, v), in: make([]byte, decryptedChunk)}, nil
}

func (d *decrypted) Size() int64 { return -1 }

func (d *decrypted) Seekable() bool { return false }

func (d *decrypted) Seek(int64, int) (int64, error) {
	return 0, errors.New("an encrypted segment can't be sought in")
}

func (d *decrypted) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.over {
			return 0, io.EOF
		}
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// fill decrypts a chunk. The last block waits until it is known whether it ends
// with padding.
func (d *decrypted) fill() error {
	n, err := d.Resource.Read(d.in[d.filled:])
	d.filled += n
	switch {
	case errors.Is(err, io.EOF):
		return d.finish()
	case err != nil:
		return err
	}
	whole := (d.filled - 1) / aes.BlockSize * aes.BlockSize
	if whole <= 0 {
		return nil
	}
	out := make([]byte, whole)
	d.mode.CryptBlocks(out, d.in[:whole])
	d.filled = copy(d.in, d.in[whole:d.filled])
	d.out = out
	return nil
}

func (d *decrypted) finish() error {
	d.over = true
	if d.filled == 0 {
		return nil
	}
	if d.filled%aes.BlockSize != 0 {
		return errors.New("an encrypted segment ends within a block")
	}
	out := make([]byte, d.filled)
	d.mode.CryptBlocks(out, d.in[:d.filled])
	padding := int(out[len(out)-1])
	if padding < 1 || padding > aes.BlockSize {
		return errors.New("an encrypted segment does not end with padding; its key may be wrong")
	}
	d.out = out[:len(out)-padding]
	return nil
}
