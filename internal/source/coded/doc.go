// Package coded holds tracks of coded frames that the app writes: it encodes nothing, and asks the app for keyframes.
package coded
