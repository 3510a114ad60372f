package service

import (
	"cmp"
	"crypto/x509"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/crash"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func registerBuild(r *core.Registry) {
	core.Handle(r, wire.EnvironmentBuild, func(*core.Call, wire.Empty) (wire.Build, error) {
		return describeBuild(), nil
	})
	core.Handle(r, wire.EnvironmentReportCrashes, func(c *core.Call, p wire.CrashFile) (wire.CrashReports, error) {
		reports, err := crash.Report(p.File, p.Head)
		if err != nil {
			return wire.CrashReports{}, refusal(err)
		}
		// The end of the environment closes them.
		c.Env.NewHandle(reports)

		return wire.CrashReports{File: reports.File}, nil
	})
}

func describeBuild() wire.Build {
	build := wire.Build{
		Go:        runtime.Version(),
		Modules:   []wire.Component{},
		Libraries: append(components(av.Versions()), components(codec.Versions())...),
	}
	sortComponents(build.Libraries)
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		for _, c := range codec.Supported(kind) {
			build.Encoders = append(build.Encoders, c.MimeType)
		}
	}
	build.Encoders = slices.Compact(build.Encoders)
	for _, one := range codec.HardwareEncoders() {
		encoder := wire.HardwareEncoder{MimeType: one.MimeType, Name: one.Name}
		if one.Refused != nil {
			encoder.Refused = one.Refused.Error()
		}
		build.Hardware = append(build.Hardware, encoder)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Replace != nil {
				module = module.Replace
			}
			build.Modules = append(build.Modules, wire.Component{Name: module.Path, Version: module.Version})
		}
	}
	sortComponents(build.Modules)
	pool, err := x509.SystemCertPool()
	build.Authorities = err == nil && !pool.Equal(x509.NewCertPool())

	return build
}

func components(versions map[string]string) []wire.Component {
	list := make([]wire.Component, 0, len(versions))
	for name, version := range versions {
		list = append(list, wire.Component{Name: name, Version: version})
	}

	return list
}

func sortComponents(list []wire.Component) {
	slices.SortFunc(list, func(a, b wire.Component) int { return cmp.Compare(a.Name, b.Name) })
}
