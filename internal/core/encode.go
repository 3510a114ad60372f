package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// encoder turns bodies into JSON, as JavaScript reads it: no HTML escapes, no
// null in the place of an empty list.
type encoder struct {
	buffer bytes.Buffer
	json   *json.Encoder
}

// maxKeptEncoder bounds what the pool holds on to.
const maxKeptEncoder = 64 << 10

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(false)

	return e
}}

// encode calls use with the JSON of body, which use must not keep. nil is {}.
func encode(body any, use func(text []byte)) error {
	e, _ := encoders.Get().(*encoder)
	defer func() {
		if e.buffer.Cap() <= maxKeptEncoder {
			encoders.Put(e)
		}
	}()
	e.buffer.Reset()
	if body == nil {
		body = struct{}{}
	}
	if err := e.json.Encode(filled(body)); err != nil {
		return fmt.Errorf("encoding %T: %w", body, err)
	}
	use(bytes.TrimSuffix(e.buffer.Bytes(), []byte{'\n'}))

	return nil
}

// filled returns body with its nil lists and maps made empty. A body that is
// not behind a pointer is copied for it.
func filled(body any) any {
	v := reflect.ValueOf(body)
	if v.Kind() == reflect.Pointer {
		if !v.IsNil() {
			fill(v.Elem())
		}

		return body
	}
	if !holdsLists(v.Type()) {
		return body
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	fill(p.Elem())

	return p.Interface()
}

func fill(v reflect.Value) {
	if !holdsLists(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	default:
	}
}

var listHolders sync.Map // reflect.Type -> bool

func holdsLists(t reflect.Type) bool {
	if known, ok := listHolders.Load(t); ok {
		holds, _ := known.(bool)

		return holds
	}
	holds := findLists(t, map[reflect.Type]bool{})
	listHolders.Store(t, holds)

	return holds
}

func findLists(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return true
	case reflect.Pointer:
		return findLists(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if findLists(t.Field(i).Type, seen) {
				return true
			}
		}
	default:
	}

	return false
}
