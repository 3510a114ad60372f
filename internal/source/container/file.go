package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/address"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// OptionAlone, "1", has a file name no others.
const OptionAlone = "alone"

// OpenFile opens the local file path. It leaves nothing open when it fails.
func OpenFile(ctx context.Context, path string, options map[string]string) (*Container, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, findError(path, err)
	}
	open := func(ctx context.Context) (*av.Demuxer, error) {
		folder, name := filepath.Split(resolved)
		folder = filepath.Clean(folder)
		root, err := os.OpenRoot(folder)
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return nil, findError(path, err)
		}
		// Who may not list a folder may still open a file in it.
		inside := av.Folder{Path: folder, Root: root, Check: func(file *os.File) error {
			if file.Name() == resolved {
				return checkFile(path, file)
			}
			if options[OptionAlone] == "1" {
				return &refusal.Error{Kind: refusal.ErrNotAllowed, Message: fmt.Sprintf("%s is a playlist, and this process may read "+
					"nothing else in its folder: allow it to read that", address.NameFile(path))}
			}
			return checkNamed(file)
		}}
		demuxer, err := av.OpenFile(ctx, inside, name)
		if err != nil {
			return nil, openError(ctx, path, resolved, err)
		}
		return demuxer, nil
	}
	demuxer, err := open(ctx)
	if err != nil {
		return nil, err
	}
	c, err := New(address.NameFile(path), demuxer)
	if err != nil {
		return nil, err
	}
	if err := c.ChooseVariant(demuxer, options); err != nil {
		demuxer.Close()
		return nil, err
	}
	c.sequential = demuxer.Segmented()
	c.openAgain(ctx, demuxer, open)
	return c, nil
}

// findError says why there is nothing to open.
func findError(path string, err error) error {
	refuse := func(kind error, why string) error {
		return &refusal.Error{Kind: kind, Message: fmt.Sprintf("%s %s", address.NameFile(path), why), Cause: refusal.ReasonOf(err)}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errno.Is(err, syscall.ENOTDIR):
		if address.HoldsURL(path) {
			return refuse(refusal.ErrNotFound, "does not exist: it looks like a URL; use a source of type \"url\" for it")
		}
		return refuse(refusal.ErrNotFound, "does not exist: expected the path of a media file; check its spelling")
	case errors.Is(err, fs.ErrPermission):
		return refuse(refusal.ErrNotAllowed, "may not be read: allow this process to read it, and to search its folders")
	case errno.Is(err, syscall.ENXIO):
		return refuse(refusal.ErrNotSupported, notRegular)
	case errno.Is(err, syscall.EMFILE, syscall.ENFILE):
		return refuse(refusal.ErrBroken, fmt.Sprintf("could not be opened: %v", refusal.ReasonOf(err)))
	default:
		return refuse(refusal.ErrNotFound, fmt.Sprintf("could not be found: %v", refusal.ReasonOf(err)))
	}
}

const notRegular = "is no regular file: expected a media file; devices have a source type of their own"

// checkFile finds what is wrong with the file that path named before FFmpeg does, which
// would tell less. It is open: what was checked is what is read.
func checkFile(path string, file *os.File) error {
	refuse := func(kind error, why string, cause error) error {
		return &refusal.Error{Kind: kind, Message: fmt.Sprintf("%s %s", address.NameFile(path), why), Cause: cause}
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return refuse(refusal.ErrBroken, fmt.Sprintf("could not be read: %v", refusal.ReasonOf(err)), refusal.ReasonOf(err))
	case info.IsDir():
		return refuse(refusal.ErrNotSupported, "is a directory: expected a media file; name one inside it", nil)
	case !info.Mode().IsRegular():
		return refuse(refusal.ErrNotSupported, notRegular, nil)
	case info.Size() == 0:
		return refuse(refusal.ErrNotSupported, "is empty: expected a media file; check that it was written whole", nil)
	}
	why, err := refusedText(file)
	switch {
	case err != nil:
		return refuse(refusal.ErrBroken, fmt.Sprintf("could not be read: %v", refusal.ReasonOf(err)), refusal.ReasonOf(err))
	case why != "":
		return refuse(refusal.ErrNotSupported, why, nil)
	}
	return nil
}

// checkNamed is the same for what a playlist names.
func checkNamed(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("what a playlist names is no regular file: %w", av.ErrRefused)
	}
	why, err := refusedText(file)
	if err == nil && why != "" {
		err = fmt.Errorf("what a playlist names %s: %w", why, av.ErrRefused)
	}
	return err
}

// refusedText looks through a manifest, and at the first bytes of all else, for what is
// not to be read; "" is fine.
func refusedText(file io.Reader) (why string, err error) {
	const mostManifest = 8 << 20
	head := make([]byte, 4<<10)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	if bytes.HasPrefix(head[:n], []byte("ffconcat")) {
		// FFmpeg opens what it names past all that is refused here.
		return "is a script for FFmpeg to join files, which is not played: join them before (ffmpeg -f concat -i … -c copy)", nil
	}
	if !fetch.IsXML(head[:n]) {
		return "", nil
	}
	var declarations fetch.Declarations
	for total := 0; total < mostManifest; total += n {
		if declarations.Found(head[:n]) {
			return "is a manifest that declares a document type or entities, which none needs: take them out", nil
		}
		if n, err = file.Read(head); n == 0 {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return "", err
}

func openError(ctx context.Context, path, resolved string, err error) error {
	e := &refusal.Error{Kind: refusal.ErrNotSupported, Cause: err}
	var told *refusal.Error
	var named *fs.PathError
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &named) && (named.Path == resolved || named.Path == filepath.Base(resolved)):
		return findError(path, err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind = refusal.ErrTimeout
		e.Message = fmt.Sprintf("%s took too long to open: raise timeout, or check the disk", address.NameFile(path))
	case ctx.Err() != nil:
		e.Kind = refusal.ErrClosed
		e.Message = fmt.Sprintf("opening %s was cancelled", address.NameFile(path))
	case errors.Is(err, av.ErrInvalidData), errors.Is(err, av.ErrUnspecified), errors.Is(err, io.EOF):
		e.Message = fmt.Sprintf("%s is not media that can be read: expected a media file; "+
			"it may be damaged, truncated or of another kind", address.NameFile(path))
	case errors.Is(err, av.ErrNoDecoder):
		e.Message = fmt.Sprintf("%s is in a format that this build does not read: "+
			"convert it, to mp4 or webm for example", address.NameFile(path))
	case errors.Is(err, fs.ErrNotExist):
		e.Kind = refusal.ErrNotFound
		e.Message = fmt.Sprintf("%s is a playlist that names a file which does not exist", address.NameFile(path))
	case errors.Is(err, av.ErrRefused):
		e.Kind = refusal.ErrNotAllowed
		e.Message = fmt.Sprintf("%s is a playlist that points outside of its folder, "+
			"where a file may not reach", address.NameFile(path))
	default:
		e.Kind = refusal.ErrBroken
		e.Message = fmt.Sprintf("%s could not be opened: %v", address.NameFile(path), err)
	}
	return e
}
