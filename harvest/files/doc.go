// Package files harvests what libraries and archives export into files: MARC records, and, with a form of [Documents],
// tables, spreadsheets, JSON and XML.
//
//	source, err := files.New(files.Config{From: []string{"/srv/export/*.mrc"}}, nil)
//
// A [Source] reads files, the files of a folder, and what http and https URLs give. Each may hold records in ISO 2709, in
// MARCXML or in the lines of MarcEdit, alone or compressed with gzip or zstd, or be an archive of such files (zip, tar). What a
// file is, its bytes say; its name says nothing.
//
// # Update files and full files
//
// Files are read in the order of their names, and of a record that comes more than once the last one counts. By default
// each file brings changes: what is not in it stays as it is. A pass then begins at the first file that has changed since
// the last pass, and reads the files after it too, because they may say something newer of the same records. With
// Complete the files together hold everything: if any of them has changed, all are read.
//
// # What is kept in the cursor
//
// For each file its size and the time of its last change, and a digest of its bytes; within a pass the file and the
// number of the record to go on from. A file is not read again if its size and time are the same, and nothing of it is
// taken if only its time has changed. Beyond [MaxRemembered] files, the rest is read in each pass.
//
// # Bounds
//
// A record in ISO 2709 has at most 99,999 bytes, as its leader can say no more. What an archive holds may be 200 times as
// large as the archive, and an archive may have 100,000 entries. No symbolic link is followed out of the folder that the
// files are in, and no entry of an archive may have a name that leads out of it.
package files
