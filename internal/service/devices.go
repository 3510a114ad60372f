package service

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// devices is the machine's microphones and cameras, as long as JavaScript looks at
// them. A handle of its own keeps slow servers of sound from delaying other requests.
type devices struct {
	env    *core.Env
	handle uint64
	scope  *core.Scope
}

func registerDevices(r *core.Registry) {
	core.Handle(r, wire.EnvironmentDevices, func(c *core.Call, options wire.DevicesOptions) (wire.Handle, error) {
		return wire.Handle{Handle: newDevices(c.Env, options).handle}, nil
	})
	core.HandleOn(r, wire.DevicesList, func(_ *core.Call, _ *devices, _ wire.Empty) (wire.DeviceList, error) {
		list := wire.DeviceList{Devices: []wire.DeviceInfo{}}
		for _, info := range device.List() {
			kind := "audioinput"
			if info.Kind == media.Video {
				kind = "videoinput"
			}
			list.Devices = append(list.Devices, wire.DeviceInfo{
				ID: info.ID, Group: info.Group, Kind: kind, Label: info.Label,
			})
		}

		return list, nil
	})
	core.HandleOn(r, wire.DevicesClose, func(_ *core.Call, d *devices, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, d.Close()
	})
}

func newDevices(env *core.Env, options wire.DevicesOptions) *devices {
	d := &devices{env: env}
	d.scope = core.NewScope(func(message, stack string) {
		recovery.Print(message, stack)
		env.Release(d.handle)
	})
	d.handle = env.NewHandle(d)
	if options.Watch {
		d.scope.Go("watch devices", func(ctx context.Context) {
			device.Watch(ctx, func() { env.Emit(d.handle, wire.DevicesChanged, wire.Empty{}) })
		})
	}

	return d
}

// Close ends the watching. It may be called twice.
func (d *devices) Close() error {
	d.scope.Close()
	d.env.Release(d.handle)

	return nil
}
