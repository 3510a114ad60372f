package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
)

// openFile opens the local file path. It leaves nothing open when it fails.
func openFile(ctx context.Context, path string, options map[string]string) (*container, error) {
	resolved, err := checkFile(path)
	if err != nil {
		return nil, err
	}
	demuxer, err := av.OpenFile(ctx, resolved, filepath.Dir(resolved))
	if err != nil {
		return nil, openError(ctx, path, err)
	}
	c, err := newContainer(nameFile(path), demuxer)
	if err != nil {
		return nil, err
	}
	if err := c.choose(options); err != nil {
		demuxer.Close()
		return nil, err
	}
	return c, nil
}

// checkFile finds what is wrong before FFmpeg, which would tell less, and
// resolves symbolic links. Opening what is no regular file could block for ever.
func checkFile(path string) (string, error) {
	refuse := func(kind error, why string, cause error) (string, error) {
		var named *fs.PathError
		if errors.As(cause, &named) {
			cause = named.Err
		}
		return "", &Error{Kind: kind, Message: fmt.Sprintf("%s %s", nameFile(path), why), Cause: cause}
	}
	resolved, err := filepath.EvalSymlinks(path)
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(resolved)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		if holdsURL(path) {
			return refuse(ErrNotFound, "does not exist: it looks like a URL; use a source of type \"url\" for it", err)
		}
		return refuse(ErrNotFound, "does not exist: expected the path of a media file; check its spelling", err)
	case errors.Is(err, fs.ErrPermission):
		return refuse(ErrNotAllowed, "may not be read: allow this process to search its folders", err)
	case err != nil:
		return refuse(ErrNotFound, fmt.Sprintf("could not be found: %v", reasonOf(err)), err)
	case info.IsDir():
		return refuse(ErrNotSupported, "is a directory: expected a media file; name one inside it", nil)
	case !info.Mode().IsRegular():
		return refuse(ErrNotSupported, "is no regular file: expected a media file; devices have a source type of their own", nil)
	case info.Size() == 0:
		return refuse(ErrNotSupported, "is empty: expected a media file; check that it was written whole", nil)
	}
	handle, err := os.Open(resolved)
	if err != nil {
		return refuse(ErrNotAllowed, "may not be read: allow this process to read it", err)
	}
	declares, err := declaresEntities(handle)
	if closing := handle.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		return refuse(ErrBroken, fmt.Sprintf("could not be read: %v", reasonOf(err)), err)
	case declares:
		return refuse(ErrNotSupported, "is a manifest that declares a document type or entities, which none needs: take them out", nil)
	}
	return resolved, nil
}

// nameFile is how messages call a file.
func nameFile(path string) string { return fmt.Sprintf("file %q", showPath(path)) }

// showPath leaves out of a path what may be the password in a URL.
func showPath(path string) string {
	if before, found := urlInPath(path); found {
		return before + "…"
	}
	return path
}

// holdsURL reports whether path was made of a URL that was taken for a relative path.
func holdsURL(path string) bool {
	_, found := urlInPath(path)
	return found
}

// urlInPath gives path up to the scheme of a URL that was made a part of it.
func urlInPath(path string) (before string, found bool) {
	schemes := urlSchemes()
	for end := range len(path) {
		if path[end] != '/' || end == 0 || path[end-1] != ':' {
			continue
		}
		scheme := path[strings.LastIndexByte(path[:end], '/')+1 : end-1]
		if _, known := schemes[strings.ToLower(scheme)]; known {
			return path[:end+1], true
		}
	}
	return "", false
}

// declaresEntities looks through a manifest, and at the first bytes of all else.
func declaresEntities(file io.Reader) (bool, error) {
	const mostManifest = 8 << 20
	head := make([]byte, 4<<10)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	if !fetch.IsXML(head[:n]) {
		return false, nil
	}
	var declarations fetch.Declarations
	for total := 0; total < mostManifest; total += n {
		if declarations.Found(head[:n]) {
			return true, nil
		}
		if n, err = file.Read(head); n == 0 {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return false, err
}

func openError(ctx context.Context, path string, err error) error {
	e := &Error{Kind: ErrNotSupported, Cause: err}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind = ErrTimeout
		e.Message = fmt.Sprintf("file %q took too long to open: raise timeout, or check the disk", path)
	case ctx.Err() != nil:
		e.Kind = ErrClosed
		e.Message = fmt.Sprintf("opening file %q was cancelled", path)
	case errors.Is(err, av.ErrInvalidData), errors.Is(err, io.EOF):
		e.Message = fmt.Sprintf("file %q is not media that can be read: expected a media file; "+
			"it may be damaged, truncated or of another kind", path)
	case errors.Is(err, av.ErrNoDecoder):
		e.Message = fmt.Sprintf("file %q is in a format that this build does not read: "+
			"convert it, to mp4 or webm for example", path)
	case errors.Is(err, fs.ErrNotExist):
		e.Kind = ErrNotFound
		e.Message = fmt.Sprintf("file %q is a playlist that names a file which does not exist", path)
	case errors.Is(err, av.ErrRefused):
		e.Kind = ErrNotAllowed
		e.Message = fmt.Sprintf("file %q is a playlist that points outside of its folder, "+
			"where a file may not reach", path)
	default:
		e.Kind = ErrBroken
		e.Message = fmt.Sprintf("file %q could not be opened: %v", path, err)
	}
	return e
}
