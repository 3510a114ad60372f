package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// decode reads the body of a request, of which nothing is longer than it may be. JavaScript checks what apps give it;
// what is not right here all the same is named, in words that are not Go's.
func decode(body []byte, params any) error {
	err := json.Unmarshal(body, params)
	if err == nil {
		return checkSizes(reflect.ValueOf(params))
	}
	message := "the arguments cannot be read"
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		name := wrong.Field
		if name == "" {
			name = "arguments"
		}
		message = fmt.Sprintf("%s: expected %s, got %s", name, expected(wrong.Type), wrong.Value)
	}

	return &wire.Error{
		Name:    "TypeError",
		Code:    wire.CodeInvalidArgument,
		Message: message,
		Cause:   err.Error(),
	}
}

func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("a whole number of %d bits", t.Bits())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number from 0 on of %d bits", t.Bits())
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	default:
		return "an object"
	}
}
