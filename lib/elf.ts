import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

// Of the ELF header (System V ABI, chapter 4).
const HEADER_SIZE = 64;
/** The magic number, then: of 64 bits, little-endian. Other processors' files are the loader's to refuse. */
const IDENT = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const SECTION_HEADERS_OFFSET = 0x28;
const SECTION_HEADER_SIZE = 0x3a;
const SECTION_HEADER_COUNT = 0x3c;

/**
 * What is missing at the end of a shared object, as a full disk or an installation that was ended leaves it. The
 * system's loader does not look: the process would die of a SIGBUS as soon as it runs what is not there.
 *
 * @returns A sentence, or nothing if the file is whole, or no shared object at all, which the loader tells itself.
 */
export function truncationOf(file: string): string | undefined {
  const header = Buffer.alloc(HEADER_SIZE);
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const read = readSync(descriptor, header, 0, HEADER_SIZE, 0);
    if (read < HEADER_SIZE || !header.subarray(0, IDENT.length).equals(IDENT)) return undefined;
    // Linkers and strip put the section headers last.
    const end =
      Number(header.readBigUInt64LE(SECTION_HEADERS_OFFSET)) +
      header.readUInt16LE(SECTION_HEADER_SIZE) * header.readUInt16LE(SECTION_HEADER_COUNT);
    return size < end ? `it ends after ${size} of at least ${end} bytes` : undefined;
  } finally {
    closeSync(descriptor);
  }
}
