package core

import (
	"errors"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	for body, message := range map[string]string{
		`{"handle":"1"}`:        "handle: expected a whole number from 0 on of 64 bits, got string",
		`{"codec":{"on":1}}`:    "codec.on: expected true or false, got number",
		`{"codec":{"rate":{}}}`: "codec.rate: expected a number, got object",
		`{"codec":1}`:           "codec: expected an object, got number",
		`{"list":[1]}`:          "list: expected a string, got number",
		`{"list":{}}`:           "list: expected an array, got object",
		`{"small":300}`:         "small: expected a whole number of 8 bits, got number 300",
		`[]`:                    "arguments: expected an object, got array",
		`{"handle":`:            "the arguments cannot be read",
		`nonsense`:              "the arguments cannot be read",
		``:                      "the arguments cannot be read",
	} {
		var params struct {
			Handle uint64 `json:"handle"`
			Codec  struct {
				On   bool    `json:"on"`
				Rate float64 `json:"rate"`
			} `json:"codec"`
			List  []string `json:"list"`
			Small int8     `json:"small"`
		}
		err := decode([]byte(body), &params)
		var refused *wire.Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", body, err)

			continue
		}
		if refused.Name != "TypeError" || refused.Message != message {
			t.Errorf("%s: %s: %s", body, refused.Name, refused.Message)
		}
	}
}
