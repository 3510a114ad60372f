// Package address takes apart what names a source, the path of a file or a URL, and gives it the name that
// messages call it by, without what may be secret. It connects to nothing; of files it only looks which is there.
package address
