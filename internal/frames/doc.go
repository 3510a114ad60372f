// Package frames holds what goes through the waist as pictures, sound and coded frames: what they are (Head), their
// memory (Frame), and where they wait for JavaScript (Mailbox). It knows neither FFmpeg nor pion nor JavaScript.
package frames
