package service

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func registerEnvironment(r *core.Registry) {
	core.Handle(r, wire.EnvironmentEcho, func(_ *core.Call, body wire.Echo) (wire.Echo, error) {
		return body, nil
	})
}
