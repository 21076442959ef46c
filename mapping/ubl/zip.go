package ubl

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"faturad/internal/fault"
)

// mostEntries bounds the directory of a zip; more are a trick.
const mostEntries = 16

// Unzip gives the one XML document of a zip, as some endpoints of providers wrap it; anything that is no zip is given back
// as it is. Nothing is ever written to disk, and no name or size that the zip tells is believed: what is unpacked is
// counted, up to MaxInput. Several documents, zips inside, links, and names that lead elsewhere are refused.
func Unzip(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) && !bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return data, nil
	}
	if len(data) > MaxInput {
		return nil, refuseZip("it is larger than %d MB", MaxInput>>20)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, refuseZip("it is damaged (%v)", err)
	}
	if len(r.File) > mostEntries {
		return nil, refuseZip("it holds more than %d files", mostEntries)
	}
	var found *zip.File
	for _, f := range r.File {
		switch {
		case !localName(f.Name):
			return nil, refuseZip("the name %q leads out of it", cut([]byte(f.Name)))
		case f.Mode()&fs.ModeType != 0 && !f.Mode().IsDir():
			return nil, refuseZip("%q is a link or a device", cut([]byte(f.Name)))
		case f.Mode().IsDir() || strings.HasSuffix(f.Name, "/"):
		case f.Flags&1 != 0:
			return nil, refuseZip("it is encrypted")
		case !strings.EqualFold(path.Ext(f.Name), ".xml"):
			return nil, refuseZip("it holds %q, which is no XML", cut([]byte(f.Name)))
		case found != nil:
			return nil, refuseZip("it holds several documents")
		default:
			found = f
		}
	}
	if found == nil {
		return nil, refuseZip("it is empty")
	}
	return unpackEntry(found)
}

// unpackEntry reads an entry; its checksum is checked by archive/zip at the end.
func unpackEntry(f *zip.File) (out []byte, err error) {
	in, err := f.Open()
	if err != nil {
		return nil, refuseZip("its document cannot be opened (%v)", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err = io.ReadAll(io.LimitReader(in, MaxInput+1))
	switch {
	case err != nil:
		return nil, refuseZip("its document cannot be unpacked (%v)", err)
	case len(out) > MaxInput:
		return nil, refuseZip("its document unpacks to more than %d MB", MaxInput>>20)
	}
	return out, nil
}

// localName reports whether a name stays inside.
func localName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\:\x00") && !path.IsAbs(name) && fs.ValidPath(strings.TrimSuffix(name, "/"))
}

func refuseZip(format string, args ...any) error {
	err := fault.Newf(fault.Permanent, "reading a zip with UBL", format, args...)
	err.Advice = "Ask the sender or the provider for a correct document; the received bytes are kept"
	return err
}
