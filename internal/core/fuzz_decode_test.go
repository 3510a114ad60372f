package core

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// What the arguments of a method say is read, and written again the same; what they are not is refused in words.
func FuzzDecode(f *testing.F) {
	methods := wire.Methods()
	for i, spec := range methods {
		example, err := json.Marshal(reflect.New(spec.Params).Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), example)
	}
	f.Add(uint8(0), []byte(`{"logLevel":7}`))
	f.Add(uint8(8), []byte(`{"options":{"a":"b"},"loop":null,"constraints":[{"name":"width","exact":1e400}]}`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		spec := methods[int(which)%len(methods)]
		read := func(body []byte) (any, error) {
			params := reflect.New(spec.Params).Interface()

			return params, decode(body, params)
		}
		params, err := read(body)
		if err != nil {
			var refused *wire.Error
			if !errors.As(err, &refused) || refused.Name != "TypeError" || refused.Message == "" {
				t.Fatalf("%s: %v", spec.Name, err)
			}

			return
		}
		written, err := json.Marshal(params)
		if err != nil {
			t.Fatalf("%s: %v", spec.Name, err)
		}
		again, err := read(written)
		if err != nil {
			t.Fatalf("%s: %s: %v", spec.Name, written, err)
		}
		if rewritten, _ := json.Marshal(again); string(rewritten) != string(written) {
			t.Errorf("%s: %s became %s", spec.Name, written, rewritten)
		}
	})
}
