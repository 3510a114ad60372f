// Package refusal has what opening and playing a source fails with, in words that are made for users. Every
// other room refuses with it; nothing that opens or plays anything belongs here.
package refusal
