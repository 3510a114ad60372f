package service

import (
	"fmt"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestARefusedConstraintKeepsItsName(t *testing.T) {
	for _, name := range []string{"width", ""} {
		refused := &source.Error{Kind: source.ErrOverconstrained, Message: "too much", Constraint: name}
		told := asWireError(fmt.Errorf("open: %w", refused))
		if told.Name != "OverconstrainedError" || told.Code != wire.CodeOverconstrained || told.Constraint != name {
			t.Errorf("%+v", told)
		}
	}
}
