//go:build !hooks

package service

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"

// registerHooks has nothing to register in the library that users have.
func registerHooks(*core.Registry) {}
