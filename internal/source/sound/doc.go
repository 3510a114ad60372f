// Package sound cuts decoded sound into the pieces of 20 ms that encoders get, at their positions: gaps are
// filled, overlaps cut, drifting times followed. It knows neither containers nor devices.
package sound
