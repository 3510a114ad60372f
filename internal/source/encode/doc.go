// Package encode makes coded frames of pictures and sound, once for all feeds that ask for the same, and the
// black pictures and the silence of disabled tracks. Where pictures and sound come from is its Owner's business.
package encode
